//! `kind = "majority"`: every item is of the class that most training items are of.

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role};
use crate::data::{Dataset, Sees};
use crate::task::{BINARY, Task};

/// Bumped when the same labels would give other scores.
pub const VERSION: u32 = 1;

/// `kind = "majority"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajoritySpec {}

impl Model for MajoritySpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.majority", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn sees(&self) -> Sees {
        Sees::Targets
    }

    fn fits(&self, _: &[&str], task: &Task) -> bool {
        *task == BINARY
    }
}

impl Baseline for MajoritySpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        let labels = data.train.labels();
        ensure!(!labels.is_empty(), "a training set holds at least one item");
        let share = share_of_class_1(&labels);
        Ok(Box::new(move |_, _| Ok(vec![share])))
    }
}

/// The score of every item: the share of class 1. As a probability it is right; class 1 is predicted from 0.5 on, so where both
/// classes are as frequent it is just below, and class 0 is predicted.
fn share_of_class_1(labels: &[u8]) -> f64 {
    let ones = labels.iter().filter(|&&label| label == 1).count();
    if 2 * ones == labels.len() {
        return 0.5f64.next_down();
    }
    ones as f64 / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::share_of_class_1;

    #[test]
    fn the_majority_is_predicted_and_a_tie_is_class_0() {
        assert_eq!(share_of_class_1(&[1, 1, 0, 1]), 0.75);
        assert_eq!(share_of_class_1(&[0, 0, 0, 1]), 0.25);
        let tie = share_of_class_1(&[0, 1]);
        assert!(tie < 0.5 && tie > 0.499_999);
    }
}
