//! How much a series changes by itself before its test: what scaled errors are measured with.

use serde::{Deserialize, Serialize};

/// The naive forecast's errors on the rows that standardise scores, which are the same for every model of a test, whatever it holds back
/// for validation (Hyndman and Koehler, 2006).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InSample {
    /// Steps of a season: each value is forecast by the one so many steps before.
    pub season: usize,
    /// Mean |yₜ − yₜ₋ₛ| of each target, in its unit.
    pub absolute: Vec<f64>,
    /// Mean (yₜ − yₜ₋ₛ)² of each target, in the square of its unit.
    pub squared: Vec<f64>,
}

impl InSample {
    /// Of the values of each target, oldest first; none where there are no more than a season of them, or their squares are too large
    /// for a number.
    pub fn of(targets: &[&[f64]], season: usize) -> Option<Self> {
        let of_each =
            |of: fn(f64) -> f64| -> Option<Vec<f64>> { targets.iter().map(|values| mean(values, season, of)).collect() };
        Some(Self {
            season,
            absolute: of_each(f64::abs)?,
            squared: of_each(|change| change * change)?,
        })
    }

    /// Whether it can be what [`InSample::of`] gives for so many targets.
    pub fn is_possible(&self, targets: usize) -> bool {
        let pairs = self.absolute.iter().zip(&self.squared);
        // The mean of squares is no less than the square of the mean.
        let mut possible =
            pairs.map(|(&mean, &square)| mean >= 0.0 && square.is_finite() && mean * mean <= square * (1.0 + 1e-9));
        self.season > 0 && self.absolute.len() == targets && self.squared.len() == targets && possible.all(|it| it)
    }
}

/// The mean of what `of` makes of each change from season to season.
fn mean(values: &[f64], season: usize, of: fn(f64) -> f64) -> Option<f64> {
    let changes = values.iter().zip(values.get(season..).unwrap_or_default());
    let count = changes.len() as f64;
    let sum: f64 = changes.map(|(before, value)| of(value - before)).sum();
    Some(sum / count).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests {
    use super::InSample;

    #[test]
    fn changes_from_season_to_season_by_hand() {
        let of = |season| InSample::of(&[&[1.0, 5.0, 2.0, 8.0], &[0.0, 1.0, 0.0, 1.0]], season);
        let found = |season, absolute: [f64; 2], squared: [f64; 2]| {
            Some(InSample {
                season,
                absolute: absolute.to_vec(),
                squared: squared.to_vec(),
            })
        };
        assert_eq!(
            of(1),
            found(1, [(4.0 + 3.0 + 6.0) / 3.0, 1.0], [(16.0 + 9.0 + 36.0) / 3.0, 1.0])
        );
        assert_eq!(of(2), found(2, [(1.0 + 3.0) / 2.0, 0.0], [(1.0 + 9.0) / 2.0, 0.0]));
        assert_eq!(of(3), found(3, [7.0, 1.0], [49.0, 1.0]));
    }

    #[test]
    fn less_than_a_season_and_a_step_gives_nothing() {
        assert_eq!(InSample::of(&[&[1.0, 2.0]], 2), None);
        assert_eq!(InSample::of(&[&[]], 1), None);
        assert_eq!(InSample::of(&[&[1e300, -1e300]], 1), None);
    }

    #[test]
    fn what_cannot_be_is_told() {
        let of = |season, absolute: &[f64], squared: &[f64]| InSample {
            season,
            absolute: absolute.to_vec(),
            squared: squared.to_vec(),
        };
        assert!(of(1, &[2.0], &[4.0]).is_possible(1) && of(7, &[0.0, 1.0], &[0.0, 3.0]).is_possible(2));
        for wrong in [
            of(0, &[2.0], &[4.0]),
            of(1, &[2.0], &[3.9]),
            of(1, &[-2.0], &[4.0]),
            of(1, &[f64::NAN], &[4.0]),
            of(1, &[], &[]),
            of(1, &[2.0], &[]),
            of(1, &[2.0, 2.0], &[4.0, 4.0]),
        ] {
            assert!(!wrong.is_possible(1), "{wrong:?}");
        }
    }
}
