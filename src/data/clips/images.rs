//! The images of one clip, as bytes until they are normalised and as floats after it.

use anyhow::{Context, bail};

use crate::data::card::Image;

/// Channels of an image: blue, green, red in that order, as OpenCV has them, unless the step `rgb` turned them round.
pub const CHANNELS: usize = 3;

/// Images of one size, in time order.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    /// How many there are.
    pub count: usize,
    /// Rows of each.
    pub height: usize,
    /// Columns of each.
    pub width: usize,
    /// [image, height, width, channel]
    pub pixels: Pixels,
}

/// The values of images.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// 0 to 255, as decoded.
    Bytes(Vec<u8>),
    /// Normalised.
    Floats(Vec<f32>),
}

impl Images {
    /// Decoded images; an error where the number of bytes is not that of the shape.
    pub fn of_bytes(count: usize, height: usize, width: usize, bytes: Vec<u8>) -> anyhow::Result<Self> {
        let expected = count * height * width * CHANNELS;
        if bytes.len() != expected {
            bail!(
                "{count} images of {width}x{height} take {expected} bytes, found {}",
                bytes.len()
            );
        }
        Ok(Self {
            count,
            height,
            width,
            pixels: Pixels::Bytes(bytes),
        })
    }

    /// The bytes, [image, height, width, channel]; an error where they are normalised.
    pub fn bytes(&self) -> anyhow::Result<&[u8]> {
        match &self.pixels {
            Pixels::Bytes(bytes) => Ok(bytes),
            Pixels::Floats(_) => bail!("the images are normalised already"),
        }
    }

    /// One of the images as a picture; an error where they are normalised.
    pub fn image(&self, number: usize) -> anyhow::Result<Image> {
        let size = self.values();
        let pixels = &self.bytes()?[number * size..(number + 1) * size];
        // Blue, green, red as decoded; a picture wants them the other way round.
        let rgb = pixels.chunks_exact(CHANNELS).flat_map(|p| [p[2], p[1], p[0]]);
        Ok(Image {
            height: self.height,
            width: self.width,
            rgb: rgb.collect(),
        })
    }

    /// BLAKE3 of the shape, as numbers of 64 bits, and of the bytes; an error where they are normalised.
    pub fn digest(&self) -> anyhow::Result<String> {
        let mut hasher = blake3::Hasher::new();
        for size in [self.count, self.height, self.width] {
            hasher.update(&(size as u64).to_le_bytes());
        }
        hasher.update(self.bytes()?);
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// The normalised values, [image, height, width, channel]; an error where they are still bytes.
    pub fn floats(&self) -> anyhow::Result<&[f32]> {
        match &self.pixels {
            Pixels::Floats(floats) => Ok(floats),
            Pixels::Bytes(_) => bail!("the images are not normalised yet"),
        }
    }

    /// The normalised values themselves, [image, height, width, channel]; an error where they are still bytes.
    pub fn into_floats(self) -> anyhow::Result<Vec<f32>> {
        match self.pixels {
            Pixels::Floats(floats) => Ok(floats),
            Pixels::Bytes(_) => bail!("the images are not normalised yet"),
        }
    }

    /// The first images; an error where there are fewer.
    pub fn first(mut self, count: usize) -> anyhow::Result<Self> {
        self.count
            .checked_sub(count)
            .with_context(|| format!("has {} frames, {count} are needed", self.count))?;
        let values = count * self.values();
        match &mut self.pixels {
            Pixels::Bytes(bytes) => bytes.truncate(values),
            Pixels::Floats(floats) => floats.truncate(values),
        }
        self.count = count;
        Ok(self)
    }

    /// Values of one image.
    pub(super) fn values(&self) -> usize {
        self.height * self.width * CHANNELS
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_a_picture_are_the_right_way_round() {
        let blue = [[255, 0, 0]; 64].concat();
        let image = Images::of_bytes(1, 8, 8, blue).unwrap().image(0).unwrap();
        assert_eq!((image.height, image.width, &image.rgb[..3]), (8, 8, &[0, 0, 255][..]));
    }
}
