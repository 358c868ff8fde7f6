//! OpenCV's bilinear resize (`cv2.resize`, INTER_LINEAR), of bytes to the last bit.
//!
//! Centres of pixels are mapped to each other: output `i` looks at `(i + 0.5) scale - 0.5`. Bytes are weighted in fixed
//! point, 11 bits for each direction, and the sum down the rows drops bits on the way as OpenCV's vector code does.

use super::images::{CHANNELS, Images, Pixels};

/// The part of an image that is resized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows; at least 1.
    pub height: usize,
    /// Columns; at least 1.
    pub width: usize,
}

/// That part of every image, in a new size. The region must lie in the images, the size must not be 0.
pub(super) fn resize(images: &Images, region: Region, height: usize, width: usize) -> Images {
    let pixels = match &images.pixels {
        Pixels::Bytes(values) => Pixels::Bytes(resized(values, images, region, height, width)),
        Pixels::Floats(values) => Pixels::Floats(resized(values, images, region, height, width)),
    };
    Images {
        count: images.count,
        height,
        width,
        pixels,
    }
}

/// A kind of value that can be interpolated.
trait Value: Copy {
    /// A weight, and the sum across a row.
    type Sum: Copy + Default;
    /// The weights of the nearer and the farther neighbour.
    fn weights(fraction: f64) -> [Self::Sum; 2];
    /// Between two neighbours in a row.
    fn across(left: Self, right: Self, weights: [Self::Sum; 2]) -> Self::Sum;
    /// Between two rows.
    fn down(upper: Self::Sum, lower: Self::Sum, weights: [Self::Sum; 2]) -> Self;
}

impl Value for u8 {
    /// A sixteenth of the sum: what the way down the rows looks at, and half as wide for vector instructions.
    type Sum = i16;

    fn weights(fraction: f64) -> [i16; 2] {
        // Each is rounded on its own, so that their sum may be 2047 or 2049.
        [1.0 - fraction, fraction].map(|weight| (weight * 2048.0).round_ties_even() as i16)
    }

    fn across(left: u8, right: u8, [near, far]: [i16; 2]) -> i16 {
        let sum = i32::from(left) * i32::from(near) + i32::from(right) * i32::from(far);
        // At most 255 * 2049 / 16.
        (sum >> 4) as i16
    }

    fn down(upper: i16, lower: i16, [near, far]: [i16; 2]) -> u8 {
        let high = |sum: i16, weight: i16| ((i32::from(sum) * i32::from(weight)) >> 16) as i16;
        ((high(upper, near) + high(lower, far) + 2) >> 2).clamp(0, 255) as u8
    }
}

impl Value for f32 {
    type Sum = f32;

    fn weights(fraction: f64) -> [f32; 2] {
        [(1.0 - fraction) as f32, fraction as f32]
    }

    fn across(left: f32, right: f32, [near, far]: [f32; 2]) -> f32 {
        left * near + right * far
    }

    fn down(upper: f32, lower: f32, [near, far]: [f32; 2]) -> f32 {
        upper * near + lower * far
    }
}

/// Where each output place looks: two neighbours and how far it is from the first.
fn places(from: usize, to: usize) -> impl Iterator<Item = (isize, f64)> {
    let scale = 1.0 / (to as f64 / from as f64);
    (0..to).map(move |place| {
        let source = (place as f64 + 0.5) * scale - 0.5;
        (source.floor() as isize, source - source.floor())
    })
}

fn clamp(place: isize, length: usize) -> usize {
    place.clamp(0, length as isize - 1) as usize
}

fn resized<T: Value>(values: &[T], images: &Images, region: Region, height: usize, width: usize) -> Vec<T> {
    // Beyond the border a column is the outermost one alone; a row keeps both weights, of the same row twice.
    let columns: Vec<(usize, usize, [T::Sum; 2])> = places(region.width, width)
        .map(|(place, fraction)| {
            let inside = place >= 0 && place + 1 < region.width as isize;
            let fraction = if inside { fraction } else { 0.0 };
            let near = clamp(place, region.width);
            let far = clamp(place + 1, region.width);
            (near * CHANNELS, far * CHANNELS, T::weights(fraction))
        })
        .collect();
    let rows: Vec<(usize, usize, [T::Sum; 2])> = places(region.height, height)
        .map(|(place, fraction)| {
            let near = clamp(place, region.height);
            let far = clamp(place + 1, region.height);
            (near, far, T::weights(fraction))
        })
        .collect();
    let row_values = images.width * CHANNELS;
    let mut out = Vec::with_capacity(images.count * height * width * CHANNELS);
    for image in values.chunks_exact(images.values()) {
        let across = |row: usize, sums: &mut [T::Sum]| {
            let start = (region.top + row) * row_values + region.left * CHANNELS;
            let row = &image[start..start + region.width * CHANNELS];
            for (sum, &(near, far, weights)) in sums.chunks_exact_mut(CHANNELS).zip(&columns) {
                let (near, far) = (&row[near..near + CHANNELS], &row[far..far + CHANNELS]);
                for channel in 0..CHANNELS {
                    sum[channel] = T::across(near[channel], far[channel], weights);
                }
            }
        };
        // Most rows are looked at by two output rows: the two last used ones are kept.
        let none = || (usize::MAX, vec![T::Sum::default(); width * CHANNELS]);
        let (mut upper, mut lower) = (none(), none());
        for &(near, far, weights) in &rows {
            if upper.0 != near {
                std::mem::swap(&mut upper, &mut lower);
            }
            if upper.0 != near {
                across(near, &mut upper.1);
                upper.0 = near;
            }
            if lower.0 != far {
                across(far, &mut lower.1);
                lower.0 = far;
            }
            let sums = upper.1.iter().zip(&lower.1);
            out.extend(sums.map(|(upper, lower)| T::down(*upper, *lower, weights)));
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::nn::golden::golden;
    use candle_core::{DType, Tensor};

    fn sizes(tensor: &Tensor) -> (usize, usize) {
        let (height, width, _) = tensor.dims3().unwrap();
        (height, width)
    }

    fn whole((height, width): (usize, usize)) -> Region {
        Region {
            top: 0,
            left: 0,
            height,
            width,
        }
    }

    fn one((height, width): (usize, usize), pixels: Pixels) -> Images {
        Images {
            count: 1,
            height,
            width,
            pixels,
        }
    }

    #[test]
    fn golden_cv2_resize() {
        let tensors = golden("cv2_resize");
        let (mut bytes, mut floats) = (0, 0);
        for (name, input) in &tensors {
            let Some(name) = name.strip_suffix(".in") else {
                continue;
            };
            let output = &tensors[&format!("{name}.out")];
            let (from, to) = (sizes(input), sizes(output));
            let input = input.flatten_all().unwrap();
            let output = output.flatten_all().unwrap();
            if input.dtype() == DType::U8 {
                let image = one(from, Pixels::Bytes(input.to_vec1().unwrap()));
                let ours = resize(&image, whole(from), to.0, to.1);
                let theirs = output.to_vec1::<u8>().unwrap();
                assert!(ours.bytes().unwrap() == theirs, "{name}: {from:?} to {to:?} differs");
                bytes += 1;
            } else {
                let image = one(from, Pixels::Floats(input.to_vec1().unwrap()));
                let ours = resize(&image, whole(from), to.0, to.1);
                let theirs = output.to_vec1::<f32>().unwrap();
                let differences = ours.floats().unwrap().iter().zip(&theirs);
                let largest = differences.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(largest <= 2e-6, "{name}: {from:?} to {to:?} differs by {largest}");
                floats += 1;
            }
        }
        assert!(bytes > 0 && floats > 0);
    }

    #[test]
    fn a_region_is_resized_as_an_image_of_its_own() {
        let values: Vec<f32> = (0..2 * 5 * 7 * 3).map(|i| ((i * 37) % 101) as f32).collect();
        let images = Images {
            count: 2,
            height: 5,
            width: 7,
            pixels: Pixels::Floats(values.clone()),
        };
        let region = Region {
            top: 1,
            left: 2,
            height: 3,
            width: 4,
        };
        let mut cut = Vec::new();
        for image in 0..2 {
            for row in 1..4 {
                let start = ((image * 5 + row) * 7 + 2) * 3;
                cut.extend_from_slice(&values[start..start + 4 * 3]);
            }
        }
        let cut = Images {
            count: 2,
            height: 3,
            width: 4,
            pixels: Pixels::Floats(cut),
        };
        assert_eq!(resize(&images, region, 6, 9), resize(&cut, whole((3, 4)), 6, 9));
        assert_eq!(resize(&images, region, 3, 4), cut);
    }

    #[test]
    fn a_single_pixel_fills_any_size() {
        let images = one((1, 1), Pixels::Bytes(vec![3, 200, 255]));
        let large = resize(&images, whole((1, 1)), 4, 5);
        let pixels = large.bytes().unwrap().chunks_exact(3);
        assert!(pixels.len() == 20 && pixels.into_iter().all(|pixel| pixel == [3, 200, 255]));
    }
}
