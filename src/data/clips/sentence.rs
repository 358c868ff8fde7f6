//! A step → a sentence for readers.

use super::augment::{AugmentSpec, Transpose};
use super::steps::{Normalise, Step};
use crate::console::counted;

impl Step {
    /// What it does, in words; its name stands beside them.
    pub fn sentence(&self) -> String {
        match self {
            Self::Frames(1) => "the first frame of the clip".to_owned(),
            Self::Frames(count) => format!("the first {count} frames of the clip"),
            Self::Every(2) => "every second picture".to_owned(),
            Self::Every(distance) => format!("one picture in {distance}"),
            Self::Resize(side) => format!("each frame to {side} × {side} pixels, bilinear"),
            Self::PairDifference => "the absolute difference of frames 0 and 1, 2 and 3, and so on".to_owned(),
            Self::Rgb => "red before blue".to_owned(),
            Self::Normalise(how) => match how {
                Normalise::Imagenet => {
                    "to 0 … 1, then the mean of each channel over ImageNet is subtracted and divided by its deviation"
                }
                Normalise::Caffe => "ImageNet's mean of blue, green and red is subtracted, as Keras's ResNet50 was trained",
                Normalise::Unit => "to 0 … 1",
            }
            .to_owned(),
            Self::CropBorder { x, y } => format!(
                "{} on either side and {} above and below cut off, then resized back",
                counted(*x, "column"),
                counted(*y, "row")
            ),
            Self::Augment(spec) => augmented(spec),
            Self::NeighbourDifference => "each picture minus the one after it".to_owned(),
            Self::PadFront(length) => format!("pictures of zeros in front, up to {length}"),
        }
    }
}

fn augmented(spec: &AugmentSpec) -> String {
    let mut parts = vec![format!(
        "training only: with probability {:?} a corner or the centre of {:?} of the side, resized back",
        spec.probability, spec.crop
    )];
    match spec.transpose {
        Transpose::Always => {
            parts.push("rows and columns always swapped, so that only training pictures lie on their side".to_owned())
        }
        Transpose::WithCrop => parts.push("rows and columns swapped: with_crop".to_owned()),
        Transpose::Never => {}
    }
    parts.push(format!("{} of each clip", counted(spec.variants, "variant")));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_settings_stand_in_the_sentence() {
        let augment = Step::Augment(AugmentSpec {
            probability: 0.5,
            crop: 0.7,
            transpose: Transpose::Always,
            variants: 1,
            seed: 0,
        });
        let sentences = [
            Step::Frames(1),
            Step::Frames(20),
            Step::Every(3),
            Step::CropBorder { x: 1, y: 8 },
            augment,
        ]
        .map(|step| step.sentence());
        insta::assert_snapshot!(sentences.join("\n"), @"
        the first frame of the clip
        the first 20 frames of the clip
        one picture in 3
        1 column on either side and 8 rows above and below cut off, then resized back
        training only: with probability 0.5 a corner or the centre of 0.7 of the side, resized back; rows and columns always swapped, so that only training pictures lie on their side; 1 variant of each clip
        ");
    }
}
