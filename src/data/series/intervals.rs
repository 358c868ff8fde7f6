//! `[intervals]`: how wide intervals around forecasts are, by the errors on windows that are held back for it.
//!
//! The last half of the validation windows calibrates, and the first half alone is watched while a network trains: early stopping chooses the
//! weights that err least on what it watches, so that errors there are smaller than those to come.

use std::fmt::Debug;

use anyhow::ensure;
use serde::{Deserialize, Deserializer, Serialize};

use crate::console::counted;
use crate::data::slot::{Sees, Slot, SlotSettings};
use crate::data::{Calibration, Dataset, Examples, Target};
use crate::kind::Kinds;
use crate::number;

/// Bumped when the same validation windows would be halved otherwise, or the same errors give other intervals.
pub const VERSION: u32 = 1;

crate::kinds! {
    /// The kinds of `[intervals]`.
    pub enum IntervalsSpec: Debug {
        "conformal" | "split_conformal conformal_prediction inductive_conformal icp scp" => Conformal(ConformalSpec),
    }
}

/// `kind = "conformal"`: split conformal prediction (Papadopoulos et al., 2002; Lei et al., 2018), apart for each step ahead and each target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformalSpec {
    /// The share of the observed values that intervals are to hold.
    #[serde(deserialize_with = "number::between_zero_and_one")]
    pub coverage: f64,
}

/// What a rank may be above a whole number and still be that number: 25 · 0.28 is 7.000000000000001.
const ROUNDING: f64 = 1e-9;

impl SlotSettings for IntervalsSpec {
    const SLOT: Slot = Slot {
        table: "intervals",
        synonyms: "interval prediction_intervals prediction_interval confidence_intervals uncertainty",
        kinds: Self::synonyms,
        needed_by: Sees::Targets,
        is_optional: true,
        baselines_validate: true,
        unread_by_baselines: &[],
        idle: |_| &[],
        unkeyed: &[],
        help: || "add [intervals] with kind = \"conformal\" and coverage".to_owned(),
    };

    fn read<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error> {
        Self::of_kind(kind, settings)
    }
}

impl IntervalsSpec {
    /// The part of the code behind it, as keys name it, with its version.
    pub(super) fn code(&self) -> (&'static str, u32) {
        match self {
            Self::Conformal(_) => ("intervals.conformal", VERSION),
        }
    }

    /// Holds back the windows that intervals are calibrated on: the later half of those for validation.
    ///
    /// # Errors
    /// As [`IntervalsSpec::check`].
    pub fn held_back(&self, mut data: Dataset) -> anyhow::Result<Dataset> {
        let Self::Conformal(spec) = *self;
        let Some(Examples::Windows(windows)) = &data.validation else {
            return Ok(data);
        };
        let [watched, calibrating] = windows.halved();
        let Target::Numbers { many, .. } = &data.target else {
            return Ok(data);
        };
        let mut counts = vec![0; windows.series()];
        (0..calibrating.len()).for_each(|index| counts[calibrating.series_of(index)] += 1);
        let names = many.iter().map(|(name, _)| Some(&**name)).chain([None]);
        let each: Vec<(Option<&str>, usize)> = names.zip(counts).collect();
        self.check(windows.len(), watched.len(), &each)?;
        data.validation = Some(Examples::Windows(watched));
        data.calibration = Some(Calibration {
            examples: Examples::Windows(calibrating),
            spec,
        });
        Ok(data)
    }

    /// Whether enough windows calibrate, of each series that is named where there are many, and some of `all` are left to be watched.
    ///
    /// # Errors
    /// When they are not; the message says how many are needed.
    pub(super) fn check(&self, all: usize, watched: usize, each: &[(Option<&str>, usize)]) -> anyhow::Result<()> {
        let Self::Conformal(spec) = self;
        let needed = spec.needed();
        for (name, count) in each {
            let of = name.map_or_else(String::new, |name| format!(" of series `{name}`"));
            ensure!(
                *count >= needed,
                "intervals that hold {} of the values take the errors of {} at least, and {count}{of} calibrate: the last half of {} for \
                 validation\n  help: raise `split.validation`, or lower `intervals.coverage`",
                spec.coverage,
                counted(needed, "window"),
                counted(all, "window"),
            );
        }
        let calibrating: usize = each.iter().map(|(_, count)| count).sum();
        ensure!(
            watched > 0,
            "none of {} for validation is left to be watched in training: {calibrating} calibrate the intervals, and those before them \
             forecast values that these forecast, too\n  help: raise `split.validation`, or lower `window.horizon`",
            counted(all, "window"),
        );
        Ok(())
    }
}

impl ConformalSpec {
    /// Which of the absolute errors of so many windows, counted from 1 from the smallest on, is half of an interval's width:
    /// ⌈(windows + 1) · coverage⌉. With exchangeable errors the interval then holds the next value with that probability at least.
    pub fn rank(&self, windows: usize) -> usize {
        let rank = (windows as f64 + 1.0) * self.coverage - ROUNDING;
        (rank.ceil() as usize).max(1)
    }

    /// The fewest windows that have an error of that rank.
    pub fn needed(&self) -> usize {
        let about = self.coverage / (1.0 - self.coverage);
        // What rounding has made of it is at most a window away.
        let mut windows = (about.floor() as usize).saturating_sub(1).max(1);
        while self.rank(windows) > windows {
            windows += 1;
        }
        windows
    }

    /// The levels of the quantiles that an interval's ends are, as many below as above.
    pub fn levels(&self) -> [f64; 2] {
        // As a person writes them: 0.05 for 0.04999999999999999.
        let rounded = |level: f64| (level * 1e12).round() / 1e12;
        let below = (1.0 - self.coverage) / 2.0;
        match rounded(below) {
            0.0 => [below, 1.0 - below],
            below => [below, rounded(1.0 - below)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_what_they_take() {
        for (coverage, windows, rank, needed) in [
            (0.9, 9, 9, 9),
            (0.9, 10, 10, 9),
            (0.9, 19, 18, 9),
            (0.95, 19, 19, 19),
            (0.8, 4, 4, 4),
            (0.5, 1, 1, 1),
            (0.28, 24, 7, 1),
            (0.99, 200, 199, 99),
            (0.01, 5, 1, 1),
        ] {
            let spec = ConformalSpec { coverage };
            assert_eq!((spec.rank(windows), spec.needed()), (rank, needed), "{coverage}");
        }
        for thousandths in 1..1000 {
            let spec = ConformalSpec {
                coverage: f64::from(thousandths) / 1000.0,
            };
            let needed = spec.needed();
            assert!(spec.rank(needed) <= needed);
            assert!(needed == 1 || spec.rank(needed - 1) > needed - 1, "{thousandths}");
        }
    }

    #[test]
    fn levels_are_as_a_person_writes_them() {
        let levels = |coverage| ConformalSpec { coverage }.levels();
        assert_eq!(levels(0.9), [0.05, 0.95]);
        assert_eq!(levels(0.8), [0.1, 0.9]);
        let [below, above] = levels(1.0 - 1e-14);
        assert!(0.0 < below && below < above && above < 1.0);
    }

    #[test]
    fn too_few_windows_are_told_with_how_many_are_needed() {
        let check = |coverage, all, watched, each: &[(Option<&str>, usize)]| {
            let spec = IntervalsSpec::Conformal(ConformalSpec { coverage });
            spec.check(all, watched, each).err().map(|error| error.to_string())
        };
        assert_eq!(check(0.9, 20, 10, &[(None, 10)]), None);
        assert_eq!(
            check(0.95, 20, 10, &[(None, 10)]).unwrap_or_default(),
            "intervals that hold 0.95 of the values take the errors of 19 windows at least, and 10 calibrate: the last half of 20 windows for \
             validation\n  help: raise `split.validation`, or lower `intervals.coverage`"
        );
        let told = check(0.9, 30, 9, &[(Some("acme"), 12), (Some("bolt"), 8)]).unwrap_or_default();
        assert!(told.contains("and 8 of series `bolt` calibrate"), "{told}");
        let told = check(0.9, 20, 0, &[(None, 10)]).unwrap_or_default();
        assert!(
            told.contains("none of 20 windows for validation is left to be watched"),
            "{told}"
        );
    }
}
