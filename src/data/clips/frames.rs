//! A folder of PNG or JPEG files → the frames of a clip, in the order of their numbers.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};

use super::images::{CHANNELS, Images};
use super::natural;
use super::video::{LONGEST_SIDE, MOST_BYTES, check_size};
use crate::files;

/// File name endings of frames.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The most bytes of one frame.
const MOST_BYTES_OF_A_FRAME: u64 = 512 << 20;

/// The files of the frames, in order: frame 2 before frame 10. Other files and hidden ones are left out.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut frames = Vec::new();
    for path in files::listed(folder)? {
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        if !name.starts_with('.') && has_extension(Path::new(&name), &EXTENSIONS) {
            frames.push((name, path));
        }
    }
    frames.sort_by(|a, b| natural::compare(&a.0, &b.0));
    Ok(frames.into_iter().map(|(_, path)| path).collect())
}

/// Whether a file name ends in one of those, in capital or small letters.
pub(super) fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The first `count` frames, [frame, height, width, channel], blue before red.
///
/// # Errors
/// When there are fewer, when a file cannot be decoded, or when it is not as large as the first.
pub(super) fn read(folder: &Path, count: usize) -> anyhow::Result<Images> {
    let files = enough_files(folder, count)?;
    let mut bytes = Vec::new();
    let mut sizes = Sizes::default();
    for file in &files[..count] {
        let image = decode(file, count)?;
        sizes.add(file, image.dimensions())?;
        for pixel in image.as_raw().chunks_exact(CHANNELS) {
            bytes.extend(pixel.iter().rev());
        }
    }
    let (width, height) = sizes.0.with_context(|| format!("{}: has no frames", folder.display()))?;
    Images::of_bytes(count, height as usize, width as usize, bytes)
}

/// Whether that many frames can be read: the first and the last are decoded, of those between the size is looked at.
///
/// # Errors
/// The same as those of [`read`].
pub(super) fn look(folder: &Path, count: usize) -> anyhow::Result<()> {
    let files = enough_files(folder, count)?;
    let mut sizes = Sizes::default();
    for (index, file) in files[..count].iter().enumerate() {
        let named = || file.display().to_string();
        let size = if index == 0 || index + 1 == count {
            decode(file, count)?.dimensions()
        } else {
            let bytes = bytes_of(file)?;
            let decoder = decoder(&bytes).with_context(named)?;
            let size = decoder.dimensions();
            checked(size, count).with_context(named)?;
            turned(decoder, size).with_context(named)?
        };
        sizes.add(file, size)?;
    }
    Ok(())
}

/// The files, of which there must be as many.
fn enough_files(folder: &Path, count: usize) -> anyhow::Result<Vec<PathBuf>> {
    let files = files(folder)?;
    if files.len() < count {
        bail!(
            "{}: has {} frames, {count} are needed\n  help: take the clip out, or lower `frames`",
            folder.display(),
            files.len()
        );
    }
    Ok(files)
}

/// The size of the frames: that of the first.
#[derive(Default)]
struct Sizes(Option<(u32, u32)>);

impl Sizes {
    fn add(&mut self, file: &Path, (width, height): (u32, u32)) -> anyhow::Result<()> {
        let (first_width, first_height) = *self.0.get_or_insert((width, height));
        if (width, height) != (first_width, first_height) {
            bail!(
                "{}: is {width}x{height} pixels large, the frames before it are {first_width}x{first_height}",
                file.display()
            );
        }
        Ok(())
    }
}

/// A frame as a person sees it: turned as its file says, as a video's frames are.
fn decode(file: &Path, count: usize) -> anyhow::Result<image::RgbImage> {
    image_of(&bytes_of(file)?, count).with_context(|| file.display().to_string())
}

/// The bytes of a file that may be a frame.
fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(files::read(file, MOST_BYTES_OF_A_FRAME)?)
}

fn image_of(bytes: &[u8], count: usize) -> anyhow::Result<image::RgbImage> {
    let mut decoder = decoder(bytes)?;
    checked(decoder.dimensions(), count)?;
    let orientation = decoder.orientation().context(UNDECODABLE)?;
    let mut image = DynamicImage::from_decoder(decoder).context(UNDECODABLE)?;
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

const UNDECODABLE: &str = "cannot be decoded";

/// The content decides the format, not the name.
fn decoder(bytes: &[u8]) -> anyhow::Result<impl ImageDecoder + '_> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE as u32);
    limits.max_image_height = Some(LONGEST_SIDE as u32);
    reader.limits(limits);
    reader.into_decoder().context(UNDECODABLE)
}

fn checked((width, height): (u32, u32), count: usize) -> anyhow::Result<()> {
    check_size(height as usize, width as usize, count, MOST_BYTES)
}

/// Width and height as a person sees them.
fn turned(mut decoder: impl ImageDecoder, (width, height): (u32, u32)) -> anyhow::Result<(u32, u32)> {
    Ok(match decoder.orientation().context(UNDECODABLE)? {
        Orientation::NoTransforms | Orientation::Rotate180 | Orientation::FlipHorizontal | Orientation::FlipVertical => {
            (width, height)
        }
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (height, width)
        }
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::fs;

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

    /// An 8x16 JPEG file, red above and blue below, that a camera held so that it must be turned: `orientation` in the EXIF
    /// standard's numbers.
    fn jpeg_with_orientation(orientation: u8) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(8, 16, |_, y| match y < 8 {
            true => image::Rgb([220, 0, 0]),
            false => image::Rgb([0, 0, 220]),
        });
        let mut jpeg = Cursor::new(Vec::new());
        picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        // Behind the two bytes that begin every JPEG file.
        let mut turned = jpeg[..2].to_vec();
        turned.extend([0xff, 0xe1]);
        turned.extend((exif.len() as u16 + 2).to_be_bytes());
        turned.extend(exif);
        turned.extend(&jpeg[2..]);
        turned
    }

    #[test]
    fn frames_are_turned_as_their_files_say() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("1.jpg");
        // Which corner is red: (left above, right above, left below, right below).
        for (orientation, size, red) in [
            (1, (16, 8), [true, true, false, false]),
            (3, (16, 8), [false, false, true, true]),
            (6, (8, 16), [false, true, false, true]),
            (8, (8, 16), [true, false, true, false]),
        ] {
            fs::write(&file, jpeg_with_orientation(orientation)).unwrap();
            look(folder.path(), 1).unwrap();
            let images = read(folder.path(), 1).unwrap();
            assert_eq!((images.height, images.width), size, "{orientation}");
            let bytes = images.bytes().unwrap();
            let is_red = |row: usize, column: usize| {
                let pixel = &bytes[(row * images.width + column) * CHANNELS..][..CHANNELS];
                pixel[2] > 150 && pixel[0] < 100
            };
            let (last_row, last_column) = (images.height - 1, images.width - 1);
            let corners = [
                is_red(0, 0),
                is_red(0, last_column),
                is_red(last_row, 0),
                is_red(last_row, last_column),
            ];
            assert_eq!(corners, red, "{orientation}");
        }
        // Sizes are compared as they are seen, whether frames are decoded or only looked at.
        for (name, orientation) in [("2.jpg", 6), ("3.jpg", 8), ("4.jpg", 8)] {
            fs::write(folder.path().join(name), jpeg_with_orientation(orientation)).unwrap();
        }
        look(folder.path(), 4).unwrap();
        fs::write(folder.path().join("3.jpg"), jpeg_with_orientation(1)).unwrap();
        for error in [
            look(folder.path(), 4).unwrap_err(),
            read(folder.path(), 4).map(drop).unwrap_err(),
        ] {
            let error = format!("{error:#}");
            assert!(
                error.ends_with("3.jpg: is 8x16 pixels large, the frames before it are 16x8"),
                "{error}"
            );
        }
    }
}
