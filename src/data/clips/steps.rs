//! `steps = […]`: what is done to the frames of a clip, in order: the words, their rules, the shape that results.

use serde::{Deserialize, Serialize};

use super::augment::AugmentSpec;
use super::images::CHANNELS;
use crate::number;

/// One entry of `steps`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// That many first frames of the clip, blue before red.
    Frames(#[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")] usize),
    /// Image 0 and each that many images after it: `{ every = 2 }` halves them.
    Every(#[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")] usize),
    /// To squares of that side, bilinear as OpenCV.
    Resize(#[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")] usize),
    /// Absolute differences of images 0 and 1, 2 and 3, and so on: half as many.
    PairDifference,
    /// Red before blue.
    Rgb,
    /// From bytes to what the backbone was trained on.
    Normalise(Normalise),
    /// Cuts dark borders off and resizes back.
    CropBorder {
        /// Columns on the left and on the right.
        x: usize,
        /// Rows above and below.
        y: usize,
    },
    /// Other views of the clip, in training alone.
    Augment(AugmentSpec),
    /// x[i] - x[i + 1]: one image fewer.
    NeighbourDifference,
    /// Zeros in front, up to that many images.
    PadFront(#[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")] usize),
}

/// From bytes to what a backbone was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// (x / 255 - mean) / deviation with ImageNet's mean and deviation (written for red, green, blue), applied to the
    /// channels in the order in which they are stored.
    Imagenet,
    /// Minus ImageNet's mean for blue, green, red, without scaling, as Caffe's networks and Keras's ResNet50.
    Caffe,
    /// x / 255
    Unit,
}

impl Normalise {
    /// The value that a byte of a channel becomes.
    pub fn apply(self, byte: u8, channel: usize) -> f32 {
        const MEAN: [f64; CHANNELS] = [0.485, 0.456, 0.406];
        const DEVIATION: [f64; CHANNELS] = [0.229, 0.224, 0.225];
        const CAFFE_MEAN: [f64; CHANNELS] = [103.939, 116.779, 123.68];
        let byte = f64::from(byte);
        let value = match self {
            Self::Imagenet => (byte / 255.0 - MEAN[channel]) / DEVIATION[channel],
            Self::Caffe => byte - CAFFE_MEAN[channel],
            Self::Unit => byte / 255.0,
        };
        value as f32
    }
}

/// Frames or images of a clip, at most.
const MOST_IMAGES: usize = 1000;
/// Side of an image, at most.
const LONGEST_SIDE: usize = 2048;
/// Values of all images of a clip together, at most: 256 MB as floats.
const MOST_VALUES: usize = 1 << 26;

/// What is wrong with one of the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMistake {
    /// The step; 0 where there is none.
    pub index: usize,
    /// What is wrong with it, and what to do.
    pub message: String,
}

impl std::fmt::Display for StepMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "step {}: {}", self.index + 1, self.message)
    }
}

impl std::error::Error for StepMistake {}

impl Step {
    /// The word that a file writes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Frames(_) => "frames",
            Self::Every(_) => "every",
            Self::Resize(_) => "resize",
            Self::PairDifference => "pair_difference",
            Self::Rgb => "rgb",
            Self::Normalise(_) => "normalise",
            Self::CropBorder { .. } => "crop_border",
            Self::Augment(_) => "augment",
            Self::NeighbourDifference => "neighbour_difference",
            Self::PadFront(_) => "pad_front",
        }
    }
}

/// Whether the steps make sense in that order; the first that does not.
pub fn check(steps: &[Step]) -> Result<(), StepMistake> {
    for (index, step) in steps.iter().enumerate() {
        if let Some(message) = mistake(step, &steps[..index]) {
            return Err(StepMistake { index, message });
        }
    }
    let index = steps.len().saturating_sub(1);
    for (word, example) in [
        ("frames", "{ frames = 20 }"),
        ("resize", "{ resize = 256 }"),
        ("normalise", "{ normalise = \"imagenet\" }"),
    ] {
        if !has(steps, word) {
            let message = format!("no step is `{word}`: add `{example}`");
            return Err(StepMistake { index, message });
        }
    }
    Ok(())
}

fn has(steps: &[Step], word: &str) -> bool {
    steps.iter().any(|step| step.word() == word)
}

/// What is wrong with a step after those before it.
fn mistake(step: &Step, before: &[Step]) -> Option<String> {
    let word = step.word();
    if before.is_empty() && word != "frames" {
        return Some("the first step says how many frames are read, as `{ frames = 20 }`".to_owned());
    }
    if has(before, word) {
        return Some(format!("`{word}` stands twice"));
    }
    if has(before, "pad_front") {
        return Some(format!("`pad_front` is the last step: move `{word}` before it"));
    }
    let after = match step {
        Step::Frames(_) | Step::Every(_) | Step::Resize(_) | Step::Rgb => None,
        Step::PairDifference | Step::Normalise(_) | Step::CropBorder { .. } => Some("resize"),
        Step::Augment(_) | Step::NeighbourDifference | Step::PadFront(_) => Some("normalise"),
    };
    if let Some(first) = after.filter(|first| !has(before, first)) {
        return Some(format!("`{word}` comes after `{first}`"));
    }
    let of_bytes = matches!(step, Step::Every(_) | Step::Resize(_) | Step::Rgb | Step::PairDifference);
    if of_bytes && has(before, "normalise") {
        return Some(format!("`{word}` comes before `normalise`"));
    }
    let [time, height, ..] = output_shape(before);
    let problem = match step {
        Step::Frames(count) if *count > MOST_IMAGES => {
            format!("at most {MOST_IMAGES} frames can be read, found {count}")
        }
        Step::Resize(side) if *side > LONGEST_SIDE => {
            format!("the side can be at most {LONGEST_SIDE}, found {side}")
        }
        Step::Resize(side) if time * side * side * CHANNELS > MOST_VALUES => {
            format!("{time} images of {side}x{side} are too large: lower `frames` or `resize`")
        }
        Step::PairDifference if time % 2 == 1 => {
            format!("pairs need an even number of images, there are {time}: change `frames`")
        }
        Step::Normalise(Normalise::Caffe) if has(before, "rgb") => {
            "`caffe` is for blue before red: remove `rgb`, or normalise by `imagenet`".to_owned()
        }
        Step::CropBorder { x, y } if x.max(y).saturating_mul(2) >= height => {
            format!("a border of {x} and {y} leaves nothing of {height}x{height}")
        }
        Step::NeighbourDifference if time < 2 => "neighbours need at least two images, there is one".to_owned(),
        Step::PadFront(length) if *length < time => {
            format!("there are {time} images already, more than {length}")
        }
        Step::PadFront(length) if *length > MOST_IMAGES => {
            format!("at most {MOST_IMAGES} images can be made, found {length}")
        }
        Step::PadFront(length) if length * height * height * CHANNELS > MOST_VALUES => {
            format!("{length} images of {height}x{height} are too large")
        }
        _ => return None,
    };
    Some(problem)
}

/// What steps that [`check`] accepts make of a clip: time, height, width, channels.
pub fn output_shape(steps: &[Step]) -> [usize; 4] {
    let (mut time, mut side) = (0, 0);
    for step in steps {
        match step {
            Step::Frames(count) => time = *count,
            Step::Every(distance) => time = time.div_ceil(*distance),
            Step::Resize(to) => side = *to,
            Step::PairDifference => time /= 2,
            Step::NeighbourDifference => time = time.saturating_sub(1),
            Step::PadFront(length) => time = *length,
            Step::Rgb | Step::Normalise(_) | Step::CropBorder { .. } | Step::Augment(_) => {}
        }
    }
    [time, side, side, CHANNELS]
}

/// How many frames of a clip are read.
pub fn frame_count(steps: &[Step]) -> usize {
    let count = |step: &Step| match step {
        Step::Frames(count) => Some(*count),
        _ => None,
    };
    steps.iter().find_map(count).unwrap_or(0)
}

/// The augmentation, where there is one.
pub fn augmentation(steps: &[Step]) -> Option<&AugmentSpec> {
    steps.iter().find_map(|step| match step {
        Step::Augment(spec) => Some(spec),
        _ => None,
    })
}

/// Augmented variants of each training clip; 0 without augmentation.
pub fn variants(steps: &[Step]) -> usize {
    augmentation(steps).map_or(0, |spec| spec.variants)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        steps: Vec<Step>,
    }

    fn read(steps: &str) -> Vec<Step> {
        toml::from_str::<File>(&format!("steps = [{steps}]")).unwrap().steps
    }

    const SOURCE: &str = r#"{ frames = 20 }, { resize = 256 }, "pair_difference", { normalise = "imagenet" },
        { crop_border = { x = 8, y = 8 } },
        { augment = { probability = 0.5, crop = 0.7, transpose = "always", variants = 2 } },
        "neighbour_difference", { pad_front = 10 }"#;

    #[test]
    fn the_steps_of_the_source_read_and_give_its_shape() {
        let steps = read(SOURCE);
        check(&steps).unwrap();
        assert_eq!(output_shape(&steps), [10, 256, 256, 3]);
        assert_eq!((frame_count(&steps), variants(&steps)), (20, 2));
        let json = serde_json::to_string(&steps).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Step>>(&json).unwrap(), steps);
        let file = File { steps };
        let text = toml::to_string(&file).unwrap();
        assert_eq!(toml::from_str::<File>(&text).unwrap(), file);
    }

    #[test]
    fn few_steps_are_enough() {
        let steps = read(r#"{ frames = 7 }, { every = 3 }, "rgb", { resize = 8 }, { normalise = "unit" }"#);
        check(&steps).unwrap();
        assert_eq!(output_shape(&steps), [3, 8, 8, 3]);
        assert_eq!(variants(&steps), 0);
    }

    #[test]
    fn mistakes_name_their_step() {
        let found = |steps: &str| match check(&read(steps)) {
            Ok(()) => panic!("accepted: {steps}"),
            Err(mistake) => mistake.to_string(),
        };
        let augment = r#"{ augment = { probability = 0.5, crop = 0.7, transpose = "always" } }"#;
        let ready = r#"{ frames = 4 }, { resize = 8 }, { normalise = "imagenet" }"#;
        let cases = [
            String::new(),
            "{ resize = 8 }".to_owned(),
            "{ frames = 4 }".to_owned(),
            "{ frames = 4 }, { resize = 8 }".to_owned(),
            "{ frames = 4 }, { frames = 4 }".to_owned(),
            r#"{ frames = 4 }, "pair_difference""#.to_owned(),
            r#"{ frames = 5 }, { resize = 8 }, "pair_difference""#.to_owned(),
            "{ frames = 1001 }".to_owned(),
            "{ frames = 4 }, { resize = 4096 }".to_owned(),
            "{ frames = 1000 }, { resize = 256 }".to_owned(),
            format!("{ready}, \"pair_difference\""),
            format!("{ready}, \"rgb\""),
            r#"{ frames = 4 }, { resize = 8 }, "neighbour_difference""#.to_owned(),
            format!("{{ frames = 4 }}, {{ resize = 8 }}, {augment}"),
            format!("{ready}, {augment}, {augment}"),
            r#"{ frames = 1 }, { resize = 8 }, { normalise = "unit" }, "neighbour_difference""#.to_owned(),
            r#"{ frames = 1 }, { resize = 8 }, "rgb", { normalise = "caffe" }"#.to_owned(),
            format!("{ready}, {{ crop_border = {{ x = 4, y = 0 }} }}"),
            format!("{ready}, {{ pad_front = 3 }}"),
            format!("{ready}, {{ pad_front = 10 }}, \"neighbour_difference\""),
        ];
        let found: Vec<String> = cases.iter().map(|steps| found(steps)).collect();
        insta::assert_snapshot!(found.join("\n"), @r#"
        step 1: no step is `frames`: add `{ frames = 20 }`
        step 1: the first step says how many frames are read, as `{ frames = 20 }`
        step 1: no step is `resize`: add `{ resize = 256 }`
        step 2: no step is `normalise`: add `{ normalise = "imagenet" }`
        step 2: `frames` stands twice
        step 2: `pair_difference` comes after `resize`
        step 3: pairs need an even number of images, there are 5: change `frames`
        step 1: at most 1000 frames can be read, found 1001
        step 2: the side can be at most 2048, found 4096
        step 2: 1000 images of 256x256 are too large: lower `frames` or `resize`
        step 4: `pair_difference` comes before `normalise`
        step 4: `rgb` comes before `normalise`
        step 3: `neighbour_difference` comes after `normalise`
        step 3: `augment` comes after `normalise`
        step 5: `augment` stands twice
        step 4: neighbours need at least two images, there is one
        step 4: `caffe` is for blue before red: remove `rgb`, or normalise by `imagenet`
        step 4: a border of 4 and 0 leaves nothing of 8x8
        step 4: there are 4 images already, more than 3
        step 5: `pad_front` is the last step: move `neighbour_difference` before it
        "#);
    }

    #[test]
    fn numbers_and_words_outside_their_range_are_refused() {
        for step in [
            "{ frames = 0 }",
            "{ resize = -1 }",
            "{ crop_border = { x = 1 } }",
            "{ crop_border = { x = 1, y = 1, z = 1 } }",
            "{ normalise = \"mean\" }",
            "\"grey\"",
        ] {
            toml::from_str::<File>(&format!("steps = [{step}]")).unwrap_err();
        }
    }

    #[test]
    fn normalisation_by_hand() {
        // (51 / 255 - 0.485) / 0.229, and the red channel's numbers for the last stored one.
        assert!((Normalise::Imagenet.apply(51, 0) - (-1.244_541_5)).abs() < 1e-6);
        assert!((Normalise::Imagenet.apply(51, 2) - (-0.915_555_6)).abs() < 1e-6);
        assert!((Normalise::Caffe.apply(104, 0) - 0.061).abs() < 1e-5);
        assert_eq!(Normalise::Unit.apply(255, 1), 1.0);
    }
}
