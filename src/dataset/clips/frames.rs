//! A folder of PNG or JPEG files → the frames of a clip, in the order of their numbers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::images::{CHANNELS, Images};
use super::natural;
use super::video::{LONGEST_SIDE, MOST_BYTES, check_size};

/// File name endings of frames.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The files of the frames, in order: frame 2 before frame 10. Other files and hidden ones are left out.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && has_extension(Path::new(&name), &EXTENSIONS) {
            names.push(name);
        }
    }
    names.sort_by(|a, b| natural::compare(a, b));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Whether a file name ends in one of those, in capital or small letters.
pub(super) fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| {
            extensions
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        })
}

/// The first `count` frames, [frame, height, width, channel], blue before red.
///
/// # Errors
/// When there are fewer, when a file cannot be decoded, or when it is not as large as the first.
pub(super) fn read(folder: &Path, count: usize) -> anyhow::Result<Images> {
    let files = files(folder)?;
    if files.len() < count {
        bail!(
            "{}: has {} frames, {count} are needed\n  help: take the clip out, or lower `frames`",
            folder.display(),
            files.len()
        );
    }
    let mut bytes = Vec::new();
    let mut first = None;
    for file in &files[..count] {
        let image = decode(file, count).with_context(|| file.display().to_string())?;
        let (width, height) = (image.width(), image.height());
        let (first_width, first_height) = *first.get_or_insert((width, height));
        if (width, height) != (first_width, first_height) {
            bail!(
                "{}: is {width}x{height} pixels large, the frames before it are {first_width}x{first_height}",
                file.display()
            );
        }
        for pixel in image.as_raw().chunks_exact(CHANNELS) {
            bytes.extend(pixel.iter().rev());
        }
    }
    let (width, height) = first.with_context(|| format!("{}: has no frames", folder.display()))?;
    Images::of_bytes(count, height as usize, width as usize, bytes)
}

fn decode(file: &Path, count: usize) -> anyhow::Result<image::RgbImage> {
    // The content decides the format, not the name.
    let open = || -> anyhow::Result<_> {
        let mut reader = image::ImageReader::open(file)?.with_guessed_format()?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(LONGEST_SIDE as u32);
        limits.max_image_height = Some(LONGEST_SIDE as u32);
        reader.limits(limits);
        Ok(reader)
    };
    let (width, height) = open()?.into_dimensions().context("cannot be decoded")?;
    check_size(height as usize, width as usize, count, MOST_BYTES)?;
    let image = open()?.decode().context("cannot be decoded")?;
    Ok(image.into_rgb8())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, width: u32, height: u32, red: u8) {
        let image = image::RgbImage::from_pixel(width, height, image::Rgb([red, 20, 30]));
        image.save(folder.join(name)).unwrap();
    }

    #[test]
    fn frames_are_read_in_the_order_of_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        for red in [10, 2, 1] {
            write(folder.path(), &format!("frame{red}.png"), 3, 2, red);
        }
        fs::write(folder.path().join("notes.txt"), "not a frame").unwrap();
        let images = read(folder.path(), 3).unwrap();
        assert_eq!((images.count, images.height, images.width), (3, 2, 3));
        let frames = images.bytes().unwrap().chunks_exact(2 * 3 * 3);
        let first: Vec<&[u8]> = frames.map(|frame| &frame[..3]).collect();
        assert_eq!(first, [[30, 20, 1], [30, 20, 2], [30, 20, 10]]);
        let error = read(folder.path(), 4).unwrap_err().to_string();
        assert!(error.contains("has 3 frames, 4 are needed"), "{error}");
    }

    #[test]
    fn jpeg_files_are_read_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "1.jpg", 16, 8, 200);
        fs::copy(folder.path().join("1.jpg"), folder.path().join("2.PNG")).unwrap();
        let images = read(folder.path(), 2).unwrap();
        let values = images.bytes().unwrap();
        let (first, second) = values.split_at(values.len() / 2);
        assert_eq!(first, second);
        assert!(first[0].abs_diff(30) < 6 && first[2].abs_diff(200) < 6);
    }

    #[test]
    fn frames_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "1.png", 3, 2, 1);
        write(folder.path(), "2.png", 3, 3, 1);
        fs::write(folder.path().join("3.png"), "no image").unwrap();
        let error = format!("{:#}", read(folder.path(), 2).unwrap_err());
        assert!(
            error.ends_with("2.png: is 3x3 pixels large, the frames before it are 3x2"),
            "{error}"
        );
        fs::remove_file(folder.path().join("2.png")).unwrap();
        let error = format!("{:#}", read(folder.path(), 2).unwrap_err());
        assert!(error.contains("3.png: cannot be decoded"), "{error}");
        // A header that announces 100,000 columns.
        let mut wide = fs::read(folder.path().join("1.png")).unwrap();
        wide[16..20].copy_from_slice(&100_000u32.to_be_bytes());
        fs::write(folder.path().join("1.png"), wide).unwrap();
        let error = format!("{:#}", read(folder.path(), 1).unwrap_err());
        assert!(error.contains("1.png: "), "{error}");
    }
}
