//! Runs the steps: frames of a clip → images as the backbone takes them.

use anyhow::Context;

use super::augment::Draw;
use super::images::{CHANNELS, Images, Pixels};
use super::resize::{Region, resize};
use super::steps::{Normalise, Step};

/// All steps, of steps that [`check`](super::steps::check) accepts. Without a draw the augmentation is left out, as in
/// evaluation. The images are then [time, height, width, channel] of [`output_shape`](super::steps::output_shape).
///
/// # Errors
/// When there are fewer frames than asked for.
pub fn run(steps: &[Step], frames: Images, draw: Option<&Draw>) -> anyhow::Result<Images> {
    steps.iter().try_fold(frames, |images, step| {
        apply(step, images, draw).with_context(|| format!("step `{}`", step.word()))
    })
}

/// The steps before the normalisation: images that a person can look at, still bytes.
///
/// # Errors
/// When there are fewer frames than asked for.
pub fn run_until_normalise(steps: &[Step], frames: Images) -> anyhow::Result<Images> {
    let visible = steps.iter().take_while(|step| !matches!(step, Step::Normalise(_)));
    let visible: Vec<Step> = visible.cloned().collect();
    run(&visible, frames, None)
}

fn apply(step: &Step, images: Images, draw: Option<&Draw>) -> anyhow::Result<Images> {
    match step {
        Step::Frames(count) => images.first(*count),
        Step::Resize(side) => {
            let whole = Region {
                top: 0,
                left: 0,
                height: images.height,
                width: images.width,
            };
            Ok(resize(&images, whole, *side, *side))
        }
        Step::Every(distance) => every(&images, *distance),
        Step::PairDifference => pair_difference(&images),
        Step::Rgb => rgb(images),
        Step::Normalise(normalise) => normalised(&images, *normalise),
        Step::CropBorder { x, y } => {
            let inner = Region {
                top: *y,
                left: *x,
                height: inner(images.height, *y)?,
                width: inner(images.width, *x)?,
            };
            Ok(resize(&images, inner, images.height, images.width))
        }
        Step::Augment(spec) => Ok(match draw {
            Some(draw) => draw.apply(images, spec),
            None => images,
        }),
        Step::NeighbourDifference => neighbour_difference(&images),
        Step::PadFront(length) => pad_front(images, *length),
    }
}

/// What is left of a side between two borders.
fn inner(side: usize, border: usize) -> anyhow::Result<usize> {
    side.checked_sub(2 * border)
        .filter(|inner| *inner > 0)
        .context("the border leaves nothing")
}

/// x[0], x[distance], x[2 distance], …
fn every(images: &Images, distance: usize) -> anyhow::Result<Images> {
    let kept = images.bytes()?.chunks_exact(images.values());
    let bytes: Vec<u8> = kept.step_by(distance).flatten().copied().collect();
    let count = images.count.div_ceil(distance);
    Images::of_bytes(count, images.height, images.width, bytes)
}

/// |x[2 i] - x[2 i + 1]|
fn pair_difference(images: &Images) -> anyhow::Result<Images> {
    let values = images.values();
    let bytes = images.bytes()?;
    let mut out = Vec::with_capacity(bytes.len() / 2);
    for pair in bytes.chunks_exact(2 * values) {
        let (first, second) = pair.split_at(values);
        out.extend(first.iter().zip(second).map(|(a, b)| a.abs_diff(*b)));
    }
    Images::of_bytes(images.count / 2, images.height, images.width, out)
}

/// Blue and red change places.
fn rgb(mut images: Images) -> anyhow::Result<Images> {
    images.bytes()?;
    if let Pixels::Bytes(bytes) = &mut images.pixels {
        for pixel in bytes.chunks_exact_mut(CHANNELS) {
            pixel.swap(0, 2);
        }
    }
    Ok(images)
}

fn normalised(images: &Images, normalise: Normalise) -> anyhow::Result<Images> {
    let tables: [[f32; 256]; CHANNELS] =
        std::array::from_fn(|channel| std::array::from_fn(|byte| normalise.apply(byte as u8, channel)));
    let bytes = images.bytes()?;
    let mut out = vec![0.0; bytes.len()];
    let pixels = bytes.chunks_exact(CHANNELS);
    for (out, pixel) in out.chunks_exact_mut(CHANNELS).zip(pixels) {
        for channel in 0..CHANNELS {
            out[channel] = tables[channel][usize::from(pixel[channel])];
        }
    }
    Ok(Images {
        pixels: Pixels::Floats(out),
        ..*images
    })
}

/// x[i] - x[i + 1]
fn neighbour_difference(images: &Images) -> anyhow::Result<Images> {
    let values = images.values();
    let floats = images.floats()?;
    let next = floats.get(values..).context("there is no image")?;
    Ok(Images {
        count: images.count - 1,
        pixels: Pixels::Floats(floats.iter().zip(next).map(|(a, b)| a - b).collect()),
        ..*images
    })
}

fn pad_front(images: Images, length: usize) -> anyhow::Result<Images> {
    let more = length
        .checked_sub(images.count)
        .with_context(|| format!("there are {} images already", images.count))?;
    let mut out = vec![0.0; more * images.values()];
    out.extend_from_slice(images.floats()?);
    Ok(Images {
        count: length,
        pixels: Pixels::Floats(out),
        ..images
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::augment::{AugmentSpec, Place, Transpose};
    use super::super::steps::output_shape;
    use super::*;

    /// Frames of one pixel, that grey each.
    fn greys(greys: &[u8]) -> Images {
        let bytes = greys.iter().flat_map(|grey| [*grey; 3]).collect();
        Images::of_bytes(greys.len(), 1, 1, bytes).unwrap()
    }

    fn noise(count: usize, height: usize, width: usize) -> Images {
        let mut stream = crate::rng::stream(0, "test", 0, 0);
        let bytes = (0..count * height * width * 3).map(|_| stream.below(256) as u8).collect();
        Images::of_bytes(count, height, width, bytes).unwrap()
    }

    #[test]
    fn differences_and_padding_by_hand() {
        let steps = [
            Step::Frames(6),
            Step::PairDifference,
            Step::Normalise(Normalise::Unit),
            Step::NeighbourDifference,
            Step::PadFront(4),
        ];
        let out = run(&steps, greys(&[0, 255, 255, 0, 51, 102, 9]), None).unwrap();
        // Pairs differ by 255, 255, 51: 1, 1, 0.2; neighbours by 0 and 0.8; two zeros in front.
        assert_eq!((out.count, out.height, out.width), (4, 1, 1));
        let wanted = [0.0, 0.0, 0.0, 0.8f32].iter().flat_map(|value| [*value; 3]);
        for (ours, wanted) in out.floats().unwrap().iter().zip(wanted) {
            assert!((ours - wanted).abs() < 1e-6);
        }
    }

    #[test]
    fn every_third_image_is_kept_from_the_first_on() {
        let out = run(&[Step::Every(3)], greys(&[1, 2, 3, 4, 5, 6, 7]), None).unwrap();
        assert_eq!((out.count, out.bytes().unwrap()), (3, &[1, 1, 1, 4, 4, 4, 7, 7, 7][..]));
    }

    #[test]
    fn rgb_turns_the_channels_round() {
        let images = Images::of_bytes(1, 1, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let out = run(&[Step::Rgb], images, None).unwrap();
        assert_eq!(out.bytes().unwrap(), [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn a_border_is_cut_off_and_the_rest_fills_the_image() {
        // 4x4, the inner 2x2 all 200, the border black.
        let mut bytes = vec![0; 4 * 4 * 3];
        for row in 1..3 {
            for value in &mut bytes[(row * 4 + 1) * 3..(row * 4 + 3) * 3] {
                *value = 200;
            }
        }
        let images = Images::of_bytes(1, 4, 4, bytes).unwrap();
        let out = run(&[Step::CropBorder { x: 1, y: 1 }], images, None).unwrap();
        assert_eq!(out.bytes().unwrap(), [200; 4 * 4 * 3]);
    }

    #[test]
    fn the_shape_is_the_one_announced_with_and_without_a_draw() {
        let spec = AugmentSpec {
            probability: 1.0,
            crop: 0.7,
            transpose: Transpose::Always,
            variants: 1,
            seed: 0,
        };
        let steps = [
            Step::Frames(6),
            Step::Resize(16),
            Step::PairDifference,
            Step::Normalise(Normalise::Imagenet),
            Step::Augment(spec.clone()),
            Step::NeighbourDifference,
            Step::PadFront(3),
        ];
        let draw = Draw {
            crop: Some(Place::Center),
            transpose: true,
        };
        let plain = run(&steps, noise(7, 20, 30), None).unwrap();
        let augmented = run(&steps, noise(7, 20, 30), Some(&draw)).unwrap();
        assert_ne!(plain, augmented);
        for images in [plain, augmented] {
            let shape = [images.count, images.height, images.width, 3];
            assert_eq!(shape, output_shape(&steps));
            assert_eq!(images.floats().unwrap().len(), shape.iter().product::<usize>());
            assert!(images.floats().unwrap()[..16 * 16 * 3].iter().all(|x| *x == 0.0));
        }
        let seen = run_until_normalise(&steps, noise(7, 20, 30)).unwrap();
        assert_eq!(seen.bytes().unwrap().len(), 3 * 16 * 16 * 3);
        let short = run(&steps, noise(5, 20, 30), None).unwrap_err();
        assert_eq!(format!("{short:#}"), "step `frames`: has 5 frames, 6 are needed");
    }
}
