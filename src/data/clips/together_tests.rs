//! With the real ffmpeg, as the tests of `video`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::data::clips::video::tests::{FILM, ffmpeg, make};

fn clip(path: &Path) -> Clip {
    Clip {
        name: path.display().to_string(),
        label: 0,
        digest: String::new(),
        source: ClipSource::Video(path.to_owned()),
    }
}

#[test]
fn videos_decoded_together_are_those_decoded_alone() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let film = |name: &str, arguments: &str| {
        let path = folder.path().join(name);
        make(arguments, &path);
        path
    };
    let paths = [
        film("a, b.avi", FILM),
        film("c.avi", &FILM.replace("testsrc=", "testsrc2=")),
        film("d.mp4", &FILM.replace("rate=25", "rate=10").replace("1.2", "3")),
    ];
    let paths: Vec<&Path> = paths.iter().map(|path| path.as_path()).collect();
    let alone = |path: &&Path| clip(path).frames(7).unwrap();
    let expected: Vec<Images> = paths.iter().map(alone).collect();
    assert_eq!(decode(&Decoder::default(), &paths, 7).unwrap(), expected);
}

#[test]
fn a_video_that_is_wrong_spoils_no_other() {
    if !ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    make(FILM, &path("whole.avi"));
    make(&FILM.replace("1.2", "0.2"), &path("short.avi"));
    make(&FILM.replace("64x48", "32x48"), &path("narrow.avi"));
    std::fs::write(path("text.avi"), "no video").unwrap();
    let clips = ["whole.avi", "short.avi", "narrow.avi", "text.avi"].map(|name| clip(&path(name)));
    for others in [&clips[..2], &clips[..3], &clips] {
        let clips: Vec<&Clip> = others.iter().collect();
        let found = frames_of(&clips, 20);
        assert_eq!(found[0].as_ref().unwrap().count, 20);
        let error = found[1].as_ref().unwrap_err().to_string();
        assert!(error.contains("short.avi: has 5 frames"), "{error}");
        for (clip, found) in clips.iter().zip(&found) {
            assert_eq!(found.is_ok(), clip.frames(20).is_ok(), "{}", clip.name);
        }
    }
    let narrow = frames_of(&[&clips[0], &clips[2]], 20);
    assert_eq!(narrow[1].as_ref().unwrap().width, 32);
}
