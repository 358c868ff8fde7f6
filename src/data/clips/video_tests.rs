//! With the real ffmpeg; without it these tests say so and pass, unless `CI=true`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use super::*;

/// Whether there is an ffmpeg to test with.
pub(crate) fn ffmpeg() -> bool {
    let there = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !there {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!ci, "ffmpeg is not installed");
        eprintln!("not tested: ffmpeg is not installed");
    }
    there
}

/// Writes a video: what ffmpeg makes of those arguments.
pub(crate) fn make(arguments: &str, path: &Path) {
    let mut output = OsString::from("file:");
    output.push(path);
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"])
        .args(arguments.split(' '))
        .arg(output)
        .status()
        .unwrap();
    assert!(status.success(), "{arguments}");
}

/// Thirty frames of moving colours.
pub(crate) const FILM: &str = "testsrc=size=64x48:rate=25:duration=1.2 -c:v mpeg4 -q:v 2";

fn decode(path: &Path, count: usize) -> anyhow::Result<Images> {
    Decoder::default().decode(path, count)
}

/// The message without the folder.
fn error(folder: &Path, path: &Path, count: usize) -> String {
    let error = decode(path, count).unwrap_err();
    format!("{error:#}").replace(&folder.display().to_string(), "DATA")
}

#[test]
fn colours_are_blue_before_red_and_rows_from_the_top() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.avi");
    // 30 pixels a row, which BMP fills up to 92 bytes; the upper half red, the lower half blue.
    make(
        "color=red:size=30x20:rate=25:duration=0.2,drawbox=y=10:h=10:color=blue:t=fill -c:v ffv1",
        &path,
    );
    let images = decode(&path, 5).unwrap();
    assert_eq!((images.count, images.height, images.width), (5, 20, 30));
    let near = |row: usize, colour: [u8; 3]| {
        let at = (row * 30 + 29) * 3;
        let pixel = &images.bytes().unwrap()[at..at + 3];
        pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 3)
    };
    assert!(near(0, [0, 0, 255]) && near(19, [255, 0, 0]));
}

#[test]
fn the_first_frames_are_read_whatever_their_time_stamps_say() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (even, uneven) = (folder.path().join("even.mkv"), folder.path().join("uneven.mkv"));
    make("testsrc=size=64x48:rate=25:duration=1.2 -c:v ffv1", &even);
    // Frames come closer and closer together, with a hole of a minute.
    make(
        "testsrc=size=64x48:rate=25:duration=1.2,settb=1/1000,setpts=N*10+if(gt(N\\,4)\\,60000) -vsync 0 -c:v ffv1",
        &uneven,
    );
    let images = decode(&even, 30).unwrap();
    assert_eq!(images, decode(&uneven, 30).unwrap());
    assert_eq!(decode(&even, 7).unwrap(), images.clone().first(7).unwrap());
    assert!(error(folder.path(), &uneven, 31).contains("has 30 frames, 31 are needed"));
}

#[cfg(unix)]
#[test]
fn any_file_name_is_only_a_file_name() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.avi");
    make(FILM, &plain);
    let wanted = decode(&plain, 3).unwrap();
    for name in [
        "-x.avi",
        "concat:plain.avi|plain.avi",
        "a b.avi",
        "a\nb.avi",
        "%03d.avi",
        "http:..avi",
        "'\"$(x).avi",
        "é.avi",
        "file:x.avi",
        "a,b[c]=d;e.avi",
    ] {
        let path = folder.path().join(name);
        fs::copy(&plain, &path).unwrap();
        assert_eq!(decode(&path, 3).unwrap(), wanted, "{name:?}");
    }
    // A name that is not text.
    use std::os::unix::ffi::OsStrExt;
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe.avi"));
    fs::copy(&plain, &path).unwrap();
    assert_eq!(decode(&path, 3).unwrap(), wanted);
}

#[test]
fn bad_files_are_clear_errors() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    make(FILM, &at("short.avi"));
    fs::write(at("text.avi"), "this is no film\n".repeat(1000)).unwrap();
    fs::write(at("empty.avi"), "").unwrap();
    let film = fs::read(at("short.avi")).unwrap();
    fs::write(at("cut.avi"), &film[..300]).unwrap();
    let noise: Vec<u8> = (0..50_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fs::write(at("noise.avi"), noise).unwrap();
    make("sine=duration=1 -c:a pcm_s16le", &at("sound.avi"));
    make("color=size=9000x16:rate=25:duration=0.2 -c:v ffv1", &at("wide.avi"));
    // A playlist that names another file.
    fs::write(at("playlist.avi"), "ffconcat version 1.0\nfile short.avi\n").unwrap();
    fs::write(at("stream.avi"), "#EXTM3U\n#EXTINF:1,\nshort.avi\n#EXT-X-ENDLIST\n").unwrap();
    for (name, wanted) in [
        ("short.avi", "DATA/short.avi: has 30 frames, 31 are needed"),
        ("text.avi", "DATA/text.avi: cannot be decoded: ffmpeg says"),
        ("empty.avi", "DATA/empty.avi: cannot be decoded: ffmpeg says"),
        ("cut.avi", "DATA/cut.avi: "),
        ("noise.avi", "DATA/noise.avi: cannot be decoded: ffmpeg says"),
        ("sound.avi", "DATA/sound.avi: holds no video"),
        ("wide.avi", "DATA/wide.avi: its frames of 9000x16 pixels are too large"),
        ("playlist.avi", "DATA/playlist.avi: cannot be decoded: ffmpeg says"),
        ("stream.avi", "DATA/stream.avi: cannot be decoded: ffmpeg says"),
        ("gone.avi", "DATA/gone.avi: cannot be decoded: ffmpeg says: No such file"),
    ] {
        let said = error(folder.path(), &at(name), 31).replace(": \n", ": ");
        assert!(said.starts_with(wanted), "{name}: {said}");
        assert!(!said.contains(" @ "), "{said}");
    }
}

#[test]
fn a_damaged_frame_is_not_taken_for_a_sound_one() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.avi");
    make(FILM, &path);
    assert!(decode(&path, 20).is_ok());
    let mut bytes = fs::read(&path).unwrap();
    // The frames lie between the headers in front and the index behind.
    let middle = bytes.len() / 2;
    for (index, byte) in bytes[middle..middle + 2000].iter_mut().enumerate() {
        *byte = (index * 37 % 251) as u8;
    }
    fs::write(&path, bytes).unwrap();
    let error = error(folder.path(), &path, 30);
    assert!(error.starts_with("DATA/damaged.avi: "), "{error}");
}

#[test]
fn an_announced_size_is_not_believed() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.y4m");
    // A header alone that announces 400 million pixels a frame.
    fs::write(&path, "YUV4MPEG2 W20000 H20000 F25:1 Ip A1:1 C420\nFRAME\n").unwrap();
    let said = error(folder.path(), &path, 1);
    assert!(said.starts_with("DATA/huge.y4m: cannot be decoded: "), "{said}");
    // Half of it is below ffmpeg's limit, and beyond ours.
    let path = folder.path().join("large.y4m");
    let mut film = b"YUV4MPEG2 W8000 H8100 F25:1 Ip A1:1 Cmono\nFRAME\n".to_vec();
    film.resize(film.len() + 8000 * 8100, 100);
    fs::write(&path, film).unwrap();
    let said = error(folder.path(), &path, 1);
    assert!(said.contains("too large"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_file_that_never_ends_is_given_up() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Opening a pipe that nobody writes to would wait for ever.
    let path = folder.path().join("pipe.avi");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let started = Instant::now();
    let said = Decoder::default().decode(&path, 1).unwrap_err().to_string();
    assert!(said.contains("pipe.avi: it is a named pipe"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(10));
    // A film that takes longer than it may.
    let path = folder.path().join("film.avi");
    make(FILM, &path);
    let hurried = Decoder {
        time_limit: Duration::from_micros(1),
        ..Decoder::default()
    };
    let said = hurried.decode(&path, 1).unwrap_err().to_string();
    assert!(
        said.contains("film.avi: cannot be decoded: ffmpeg was stopped after 0.000001 seconds"),
        "{said}"
    );
}

#[test]
fn without_ffmpeg_the_error_says_how_to_get_it() {
    let decoder = Decoder {
        program: "/nowhere/ffmpeg".into(),
        ..Decoder::default()
    };
    let said = decoder.decode(Path::new("fi1.avi"), 1).unwrap_err();
    insta::assert_snapshot!(format!("{said:#}"), @r"
    fi1.avi: the program `/nowhere/ffmpeg`, which decodes videos, is not installed
      help: install it (`apt-get install ffmpeg`), or give folders of PNG or JPEG frames instead of videos
    ");
}

#[test]
fn streams_that_are_no_frames_are_refused() {
    let read = |bytes: &[u8], count: usize| read_frames(bytes, count, MOST_BYTES).map(|decoded| decoded.count);
    let frame = |width: u32, height: u32| {
        let mut bytes = vec![0; BMP_HEADER];
        bytes[..2].copy_from_slice(b"BM");
        bytes[10] = BMP_HEADER as u8;
        bytes[18..22].copy_from_slice(&width.to_le_bytes());
        bytes[22..26].copy_from_slice(&height.to_le_bytes());
        bytes[28] = 24;
        bytes
    };
    let mut one = frame(1, 1);
    one.extend([1, 2, 3, 0]);
    assert_eq!(read(&one, 2).unwrap(), 1);
    assert_eq!(read(&one[..one.len() - 1], 2).unwrap(), 0);
    assert_eq!(read(&one.repeat(3), 2).unwrap(), 2);
    assert_eq!(read(&[], 2).unwrap(), 0);
    assert_eq!(read(&frame(1, 1)[..20], 2).unwrap(), 0);
    for wrong in [
        frame(0, 1),
        frame(u32::MAX, 1),
        frame(8192, 8192),
        vec![0; BMP_HEADER],
        [one.clone(), frame(1, 2)].concat(),
    ] {
        read(&wrong, 2).unwrap_err();
    }
    // Twenty frames of 60 million pixels would be 3.6 GB.
    assert!(read(&frame(8000, 7500), 20).is_err());
}
