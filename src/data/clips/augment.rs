//! `{ augment = … }`: other views of a training clip. One draw holds for all images of a clip, so that the differences
//! between them stay those of the motion.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::images::{CHANNELS, Images, Pixels};
use super::resize::{Region, resize};
use crate::number;
use crate::rng;

/// `augment`: with a probability a corner or the centre is cut out and resized back; then rows and columns may be swapped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentSpec {
    /// How often a variant is cropped; 0 to 1.
    #[serde(deserialize_with = "probability")]
    pub probability: f64,
    /// What is left of each side by a crop; above 0, at most 1.
    #[serde(deserialize_with = "part_of_side")]
    pub crop: f64,
    /// Which variants lie on their side.
    pub transpose: Transpose,
    /// Variants of each clip, from which the epochs choose.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_VARIANTS }>")]
    pub variants: usize,
    /// Seed of the draws, apart from the training's: features of frozen layers are shared by the seeds of training.
    #[serde(default)]
    pub seed: u64,
}

/// Which augmented clips have their rows and columns swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transpose {
    /// All of them.
    Always,
    /// Those that are cropped.
    WithCrop,
    /// None.
    Never,
}

fn one() -> usize {
    1
}

fn probability<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("must lie between 0 and 1, found {number}")))
    }
}

fn part_of_side<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number > 0.0 && number <= 1.0 {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("must be above 0 and at most 1, found {number}")))
    }
}

/// What one variant of one clip drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// What is cut out; `None`: the image stays whole.
    pub crop: Option<Place>,
    /// Whether rows and columns are swapped.
    pub transpose: bool,
}

/// The part of an image that a crop keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Place {
    LeftUp,
    LeftDown,
    RightUp,
    RightDown,
    Center,
}

const PLACES: [Place; 5] = [
    Place::LeftUp,
    Place::LeftDown,
    Place::RightUp,
    Place::RightDown,
    Place::Center,
];

impl Draw {
    /// The draw of a clip's variant. It hangs on the clip's content (a hexadecimal digest), so that it stays the same
    /// whatever else lies in the folder.
    pub fn of(spec: &AugmentSpec, clip_digest: &str, variant: usize) -> Self {
        let digits = clip_digest.chars().filter_map(|digit| digit.to_digit(16));
        let clip = digits.take(16).fold(0u64, |number, digit| number << 4 | u64::from(digit));
        let mut stream = rng::stream(spec.seed, "augment", variant as u64, clip);
        let cropped = stream.uniform() < spec.probability;
        let crop = cropped.then(|| PLACES[stream.below(PLACES.len())]);
        let transpose = match spec.transpose {
            Transpose::Always => true,
            Transpose::WithCrop => cropped,
            Transpose::Never => false,
        };
        Self { crop, transpose }
    }

    /// Changes images as drawn; their size stays. They must be as high as wide, so that they can be transposed.
    pub(super) fn apply(&self, mut images: Images, spec: &AugmentSpec) -> Images {
        if let Some(place) = self.crop {
            let region = place.region(images.height, spec.crop);
            images = resize(&images, region, images.height, images.width);
        }
        if self.transpose {
            images = transposed(images);
        }
        images
    }
}

impl Place {
    /// The region of a square image that keeps that share of the side, to the nearest pixel.
    fn region(self, side: usize, share: f64) -> Region {
        let kept = ((side as f64 * share).round() as usize).clamp(1, side);
        let last = side - kept;
        let (top, left) = match self {
            Self::LeftUp => (0, 0),
            Self::LeftDown => (last, 0),
            Self::RightUp => (0, last),
            Self::RightDown => (last, last),
            Self::Center => (last / 2, last / 2),
        };
        Region {
            top,
            left,
            height: kept,
            width: kept,
        }
    }
}

/// Rows and columns of every image swapped.
fn transposed(images: Images) -> Images {
    fn swapped<T: Copy>(values: &[T], images: &Images) -> Vec<T> {
        let mut out = Vec::with_capacity(values.len());
        for image in values.chunks_exact(images.values()) {
            for column in 0..images.width {
                for row in 0..images.height {
                    let start = (row * images.width + column) * CHANNELS;
                    out.extend_from_slice(&image[start..start + CHANNELS]);
                }
            }
        }
        out
    }
    let pixels = match &images.pixels {
        Pixels::Bytes(values) => Pixels::Bytes(swapped(values, &images)),
        Pixels::Floats(values) => Pixels::Floats(swapped(values, &images)),
    };
    Images {
        count: images.count,
        height: images.width,
        width: images.height,
        pixels,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn spec(probability: f64, transpose: Transpose) -> AugmentSpec {
        AugmentSpec {
            probability,
            crop: 0.7,
            transpose,
            variants: 1,
            seed: 0,
        }
    }

    fn draws(spec: &AugmentSpec, clips: usize) -> Vec<Draw> {
        (0..clips)
            .map(|clip| Draw::of(spec, blake3::hash(&clip.to_le_bytes()).to_hex().as_str(), 0))
            .collect()
    }

    #[test]
    fn half_of_the_clips_are_cropped_in_each_of_five_places() {
        let drawn = draws(&spec(0.5, Transpose::Always), 2000);
        let cropped = drawn.iter().filter_map(|draw| draw.crop);
        assert!((900..1100).contains(&cropped.clone().count()));
        for place in PLACES {
            let here = cropped.clone().filter(|crop| *crop == place).count();
            assert!((150..250).contains(&here), "{place:?}: {here}");
        }
        assert!(drawn.iter().all(|draw| draw.transpose));
    }

    #[test]
    fn the_ends_of_the_probability_are_sure() {
        let never = draws(&spec(0.0, Transpose::WithCrop), 200);
        assert!(never.iter().all(|draw| draw.crop.is_none() && !draw.transpose));
        let always = draws(&spec(1.0, Transpose::WithCrop), 200);
        assert!(always.iter().all(|draw| draw.crop.is_some() && draw.transpose));
        let lying = draws(&spec(1.0, Transpose::Never), 200);
        assert!(lying.iter().all(|draw| !draw.transpose));
    }

    #[test]
    fn a_draw_hangs_on_clip_variant_and_seed_alone() {
        let spec = spec(0.5, Transpose::Always);
        let many = |spec: &AugmentSpec, variant: usize| -> Vec<Draw> {
            (0u64..64)
                .map(|clip| Draw::of(spec, &format!("{:016x}ff", clip * 77_777), variant))
                .collect()
        };
        assert_eq!(many(&spec, 0), many(&spec, 0));
        assert_ne!(many(&spec, 0), many(&spec, 1));
        let other = AugmentSpec { seed: 1, ..spec.clone() };
        assert_ne!(many(&spec, 0), many(&other, 0));
        // What follows the first 16 digits does not matter.
        let long = "0123456789abcdef0000";
        assert_eq!(Draw::of(&spec, long, 3), Draw::of(&spec, &long[..16], 3));
    }

    #[test]
    fn regions_touch_their_corners() {
        // 0.7 of 256 is 179.2.
        let at = |place: Place| {
            let region = place.region(256, 0.7);
            assert_eq!((region.height, region.width), (179, 179));
            (region.top, region.left)
        };
        assert_eq!(PLACES.map(at), [(0, 0), (77, 0), (0, 77), (77, 77), (38, 38)]);
        assert_eq!(Place::RightDown.region(3, 0.01).top, 2);
    }

    #[test]
    fn a_transposed_image_lies_on_its_side() {
        let images = Images {
            count: 1,
            height: 2,
            width: 2,
            pixels: Pixels::Floats((0..12).map(|value| value as f32).collect()),
        };
        let draw = Draw {
            crop: None,
            transpose: true,
        };
        let out = draw.apply(images, &spec(0.0, Transpose::Always));
        assert_eq!(out.floats().unwrap(), [0., 1., 2., 6., 7., 8., 3., 4., 5., 9., 10., 11.]);
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        let read = |text: &str| toml::from_str::<AugmentSpec>(text).map_err(|error| error.message().to_owned());
        let read_with = |probability: &str, crop: &str, rest: &str| {
            read(&format!(
                "probability = {probability}\ncrop = {crop}\ntranspose = \"never\"\n{rest}"
            ))
        };
        let fine = read_with("1.0", "1.0", "").unwrap();
        assert_eq!((fine.variants, fine.seed), (1, 0));
        for (probability, crop, rest) in [
            ("1.1", "0.7", ""),
            ("-0.1", "0.7", ""),
            ("nan", "0.7", ""),
            ("0.5", "0.0", ""),
            ("0.5", "1.5", ""),
            ("0.5", "nan", ""),
            ("0.5", "0.7", "variants = 0"),
            ("0.5", "0.7", "flip = true"),
        ] {
            read_with(probability, crop, rest).unwrap_err();
        }
    }
}
