//! `train.checkpoint`: when a training is saved beside its going on.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::number::MOST_EPOCHS;

/// `"10 epochs"`, `"2 minutes"` or `"never"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Checkpoint {
    /// Not at all.
    Never,
    /// Every so many epochs.
    Epochs(usize),
    /// Every so many minutes, between two batches.
    Minutes(f64),
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self::Minutes(2.0)
    }
}

impl Checkpoint {
    /// Whether it is what stands for nothing said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "never" {
            return Some(Self::Never);
        }
        let (number, unit) = text.split_once(' ')?;
        match unit {
            "epoch" | "epochs" => {
                let epochs = number.parse().ok();
                epochs.filter(|epochs| (1..=MOST_EPOCHS).contains(epochs)).map(Self::Epochs)
            }
            "minute" | "minutes" => {
                let minutes = number.parse::<f64>().ok();
                minutes.filter(|minutes| *minutes > 0.0 && *minutes <= 1e6).map(Self::Minutes)
            }
            _ => None,
        }
    }
}

impl Serialize for Checkpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_str("never"),
            Self::Epochs(epochs) => serializer.collect_str(&format_args!("{epochs} epochs")),
            Self::Minutes(minutes) => serializer.collect_str(&format_args!("{minutes} minutes")),
        }
    }
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "must be as \"10 epochs\", \"2 minutes\" or \"never\", found {text:?}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let read = |text: &str| serde_json::from_value::<Checkpoint>(text.into()).ok();
        for (text, checkpoint) in [
            ("never", Checkpoint::Never),
            ("10 epochs", Checkpoint::Epochs(10)),
            ("0.5 minutes", Checkpoint::Minutes(0.5)),
        ] {
            assert_eq!(read(text), Some(checkpoint));
            assert_eq!(serde_json::json!(checkpoint), text);
        }
        assert_eq!(read("1 epoch"), Some(Checkpoint::Epochs(1)));
        assert_eq!(read("2 minutes"), Some(Checkpoint::default()));
        for wrong in [
            "",
            "10",
            "0 epochs",
            "1.5 epochs",
            "0 minutes",
            "-1 minutes",
            "inf minutes",
            "NaN minutes",
            "2 hours",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
