//! Which windows are for training, validation and test.
//!
//! Window `i` sees the rows `i .. i + lookback` and forecasts the `horizon` rows after them; there are
//! `rows - lookback - horizon + 1`. The last test window ends on the last row. A window is trained on only if its targets
//! end before the first test target, so no test day is among what was learnt.

use std::ops::Range;

use anyhow::{bail, ensure};

use super::{BacktestSpec, HoldoutSpec, WindowSpec};
use crate::data::series::time::Times;
use crate::data::series::{SeriesSplit, SplitInTime};

/// The numbers of the windows of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// How many there are in all, those of no part included.
    pub all: usize,
    /// Trained on; at least one.
    pub train: Range<usize>,
    /// Validation windows; empty where the share is 0.
    pub validation: Range<usize>,
    /// Scored, in time order; at least one.
    pub test: Vec<usize>,
    /// The rows whose values scores without a unit are standardised by. They are the same whatever share is held back for
    /// validation, and however often a model is trained, so that a network and a baseline are scored alike.
    pub scored_by: Range<usize>,
    /// The first row that a model may know.
    pub known_from: usize,
}

impl SplitInTime for HoldoutSpec {
    fn windows(&self, times: &Times, window: &WindowSpec) -> anyhow::Result<Windows> {
        Last::from(self).windows(times.len(), window)
    }

    fn origins(&self, _: usize) -> Option<usize> {
        Some(1)
    }

    fn has_validation(&self) -> bool {
        self.validation > 0.0
    }

    fn without_validation(&mut self) {
        self.validation = 0.0;
    }
}

impl Windows {
    /// Splits the rows at these times; an error where they do not yield a window of each part.
    pub fn of(times: &Times, window: &WindowSpec, split: &SeriesSplit) -> anyhow::Result<Self> {
        split.windows(times, window)?.after_the_first(window)
    }

    /// The same of one training, of the test those that it forecasts.
    pub fn of_training(times: &Times, window: &WindowSpec, split: &SeriesSplit, place: usize) -> anyhow::Result<Self> {
        split.training(times, window, place)?.after_the_first(window)
    }

    /// Where a network sees changes, those that do not see the first row, of which nobody knows how it has changed.
    fn after_the_first(mut self, window: &WindowSpec) -> anyhow::Result<Self> {
        if !window.transform.is_change() {
            return Ok(self);
        }
        self.train.start = self.train.start.max(1);
        ensure!(
            !self.train.is_empty() && !self.validation.contains(&0) && !self.test.contains(&0),
            "the rows are too few: `window.transform` = \"{}\" takes one more before the first window\n  help: use a longer series, or \
             lower `window.lookback`, `window.horizon` or the split's numbers",
            window.transform
        );
        Ok(self)
    }

    /// The same where so many rows lie before.
    pub(super) fn behind(self, rows: usize) -> Self {
        let behind = |range: Range<usize>| range.start + rows..range.end + rows;
        Self {
            all: self.all,
            train: behind(self.train),
            validation: behind(self.validation),
            test: self.test.into_iter().map(|window| window + rows).collect(),
            scored_by: behind(self.scored_by),
            known_from: self.known_from + rows,
        }
    }
}

/// The last windows are the test.
pub(super) struct Last {
    /// Test windows.
    pub origins: usize,
    /// Windows from one to the next.
    pub stride: usize,
    /// Share of the windows before the test that is for validation instead of training.
    pub validation: f64,
    /// The rows before the test that are known; all where nothing is said.
    pub train_rows: Option<usize>,
}

impl From<&HoldoutSpec> for Last {
    fn from(split: &HoldoutSpec) -> Self {
        Self {
            origins: 1,
            stride: 1,
            validation: split.validation,
            train_rows: None,
        }
    }
}

impl From<&BacktestSpec> for Last {
    fn from(split: &BacktestSpec) -> Self {
        Self {
            origins: split.origins,
            stride: split.stride,
            validation: split.validation,
            train_rows: split.train_rows,
        }
    }
}

impl Last {
    /// Windows from the first test window to the last.
    fn test_span(&self) -> usize {
        (self.origins - 1).saturating_mul(self.stride)
    }

    pub(super) fn windows(&self, rows: usize, window: &WindowSpec) -> anyhow::Result<Windows> {
        let needed = rows_needed(window, self);
        if rows < needed {
            bail!("{}", too_few(rows, needed, window, self));
        }
        // What was needed holds all the sums below, so that none of them overflows or goes below zero.
        let (lookback, horizon) = (window.lookback, window.horizon);
        let all = rows - lookback - horizon + 1;
        let first_test = all - 1 - self.test_span();
        let known = first_test + lookback;
        let known_from = match self.train_rows {
            None => 0,
            Some(asked) => {
                if let Err(reason) = self.enough(asked, window) {
                    bail!("{reason}");
                }
                let Some(from) = known.checked_sub(asked) else {
                    bail!(
                        "`split.train_rows` asks for the last {asked} rows before the test, and there are {known}\n  help: lower \
                         `split.train_rows`, `split.origins` or `split.stride`, or use a longer series"
                    );
                };
                from
            }
        };
        let before_test = first_test + 1 - horizon;
        let held = validation_count(before_test - known_from, self.validation);
        let gap = if held > 0 { horizon } else { 0 };
        Ok(Windows {
            all,
            train: known_from..before_test - held - gap,
            validation: before_test - held..before_test,
            test: (0..self.origins).map(|k| first_test + k * self.stride).collect(),
            scored_by: 0..known,
            known_from,
        })
    }

    /// Whether so many rows before the test yield a training window.
    ///
    /// # Errors
    /// What is needed, and why.
    pub(super) fn enough(&self, train_rows: usize, window: &WindowSpec) -> Result<(), String> {
        let (lookback, horizon) = (window.lookback, window.horizon);
        let more = windows_needed(window, self) - 1;
        let needed = lookback.saturating_add(horizon).saturating_add(more);
        if train_rows >= needed {
            return Ok(());
        }
        let mut why = vec![format!("{lookback} for the lookback, {horizon} for the horizon")];
        why.extend(self.for_validation(more, horizon));
        Err(format!(
            "`split.train_rows` = {train_rows} is too few to train on, which takes {needed}: {}",
            why.join(", ")
        ))
    }

    /// What `more` windows are needed for.
    fn for_validation(&self, more: usize, horizon: usize) -> Option<String> {
        (more > 0).then(|| {
            format!(
                "{more} for a validation share of {} and the {horizon} windows left out before it",
                self.validation
            )
        })
    }
}

/// How many of the windows before the test are for validation: the share, rounded, but at least one.
fn validation_count(windows: usize, share: f64) -> usize {
    if share > 0.0 {
        ((share * windows as f64).round() as usize).max(1)
    } else {
        0
    }
}

/// The fewest rows that yield a training window.
fn rows_needed(window: &WindowSpec, split: &Last) -> usize {
    // `before_test` windows before the test take lookback + 2 horizon + span - 1 + before_test rows.
    window
        .lookback
        .saturating_add(window.horizon.saturating_mul(2))
        .saturating_add(split.test_span())
        .saturating_add(windows_needed(window, split) - 1)
}

/// The fewest windows before the test of which one is left to train on.
fn windows_needed(window: &WindowSpec, split: &Last) -> usize {
    let share = split.validation;
    if share <= 0.0 {
        return 1;
    }
    let enough = |windows: usize| windows > validation_count(windows, share).saturating_add(window.horizon);
    // `enough` stays true once it is: one more window adds at most one to those for validation.
    let (mut too_few, mut plenty) = (0, 1);
    while !enough(plenty) && plenty < usize::MAX / 4 {
        (too_few, plenty) = (plenty, plenty * 2);
    }
    while too_few + 1 < plenty {
        let middle = too_few + (plenty - too_few) / 2;
        if enough(middle) {
            plenty = middle;
        } else {
            too_few = middle;
        }
    }
    plenty
}

fn too_few(rows: usize, needed: usize, window: &WindowSpec, split: &Last) -> String {
    let (lookback, horizon) = (window.lookback, window.horizon);
    let mut why = vec![format!(
        "{lookback} for the lookback, {horizon} for the horizon of the last window, {horizon} because a training \
         window's targets end before the first test target"
    )];
    let Last { origins, stride, .. } = *split;
    if origins > 1 {
        why.push(format!("{} for {origins} origins {stride} apart", split.test_span()));
    }
    why.extend(split.for_validation(windows_needed(window, split) - 1, horizon));
    format!(
        "{rows} rows are too few, {needed} are needed: {}\n  help: use a longer series, or lower `window.lookback`, \
         `window.horizon` or the split's numbers",
        why.join(", ")
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::{BacktestSpec, HoldoutSpec};
    use jiff::ToSpan;

    use super::*;

    fn window(lookback: usize, horizon: usize) -> WindowSpec {
        WindowSpec {
            lookback,
            horizon,
            transform: Default::default(),
            scale: Default::default(),
            fit_scale_on: Default::default(),
            scale_series: Default::default(),
            season: 1,
        }
    }

    /// Of so many days.
    fn of_rows(rows: usize, window: &WindowSpec, split: &SeriesSplit) -> anyhow::Result<Windows> {
        let first = jiff::civil::date(2000, 1, 1);
        let days: Vec<_> = (0..rows).map(|day| first.saturating_add((day as i64).days())).collect();
        split.windows(&Times::days(&days), window)
    }

    fn rows_needed(window: &WindowSpec, split: &SeriesSplit) -> usize {
        let last = match split {
            SeriesSplit::Holdout(split) => Last::from(split),
            SeriesSplit::Backtest(split) => Last::from(split),
            SeriesSplit::Borders(_) => panic!("the last windows are not the test"),
        };
        super::rows_needed(window, &last)
    }

    fn holdout(validation: f64) -> SeriesSplit {
        SeriesSplit::Holdout(HoldoutSpec { validation })
    }

    fn backtest(origins: usize, stride: usize, validation: f64) -> SeriesSplit {
        SeriesSplit::Backtest(BacktestSpec {
            origins,
            stride,
            validation,
            refit_every: 0,
            train_rows: None,
        })
    }

    #[test]
    fn a_holdout_trains_on_the_windows_that_end_before_the_test_days() {
        for (rows, horizon, all, train) in [
            (1851, 1, 1821, 1820),
            (1851, 3, 1819, 1816),
            (1851, 7, 1815, 1808),
            (1279, 1, 1249, 1248),
            (1279, 3, 1247, 1244),
            (1279, 7, 1243, 1236),
        ] {
            let windows = of_rows(rows, &window(30, horizon), &holdout(0.0)).unwrap();
            assert_eq!((windows.all, windows.train.len()), (all, train));
            assert_eq!(windows.test, [all - 1]);
            assert!(windows.validation.is_empty());
        }
    }

    #[test]
    fn a_backtest_by_hand() {
        // 12 rows, lookback 2, horizon 2: windows 0 to 8. Origins 3 apart: test windows 2, 5, 8; the first test target is
        // row 4, so that training windows end on row 3: window 0 alone.
        let windows = of_rows(12, &window(2, 2), &backtest(3, 3, 0.0)).unwrap();
        assert_eq!(windows.test, [2, 5, 8]);
        assert_eq!((windows.all, windows.train), (9, 0..1));
    }

    #[test]
    fn one_origin_is_a_holdout() {
        for validation in [0.0, 0.2] {
            let window = window(30, 7);
            assert_eq!(
                of_rows(400, &window, &backtest(1, 5, validation)).unwrap(),
                of_rows(400, &window, &holdout(validation)).unwrap()
            );
        }
    }

    #[test]
    fn validation_takes_the_last_windows_behind_a_gap() {
        // 100 windows before the test: rows = 100 + 30 + 2 * 7 - 1.
        let windows = of_rows(143, &window(30, 7), &holdout(0.1)).unwrap();
        assert_eq!((windows.train, windows.validation), (0..83, 90..100));
        // A share too small for one window still gives one.
        let windows = of_rows(143, &window(30, 7), &holdout(0.001)).unwrap();
        assert_eq!((windows.train, windows.validation), (0..92, 99..100));
    }

    #[test]
    fn no_target_is_shared_between_the_parts() {
        for (lookback, horizon, origins, stride, validation) in
            [(5, 1, 4, 1, 0.2), (3, 4, 3, 2, 0.3), (2, 3, 2, 5, 0.0), (7, 2, 6, 3, 0.5)]
        {
            let windows = of_rows(80, &window(lookback, horizon), &backtest(origins, stride, validation)).unwrap();
            let last_target = |index: usize| index + lookback + horizon - 1;
            let first_target = |index: usize| index + lookback;
            let before = windows.train.clone().chain(windows.validation.clone());
            for index in before {
                assert!(last_target(index) < first_target(windows.test[0]));
            }
            for index in windows.validation.clone() {
                assert!(last_target(windows.train.end - 1) < first_target(index));
            }
            assert_eq!(last_target(windows.test[origins - 1]), 79);
        }
    }

    #[test]
    fn the_rows_said_to_be_needed_are_the_fewest_that_do() {
        for (lookback, horizon) in [(1, 1), (30, 7), (5, 3)] {
            for split in [
                holdout(0.0),
                holdout(0.1),
                holdout(0.9),
                backtest(60, 1, 0.0),
                backtest(4, 7, 0.25),
            ] {
                let window = window(lookback, horizon);
                let needed = rows_needed(&window, &split);
                assert!(of_rows(needed - 1, &window, &split).is_err());
                let windows = of_rows(needed, &window, &split).unwrap();
                assert_eq!(windows.train.len(), 1, "{window:?} {split:?}");
            }
        }
    }

    #[test]
    fn absurd_sizes_are_refused_and_do_not_overflow() {
        let huge = usize::MAX / 2;
        for (window, split) in [
            (window(huge, huge), holdout(0.0)),
            (window(1, 1), backtest(huge, huge, 0.5)),
            (window(1, huge), holdout(0.999_999_999_999)),
        ] {
            assert!(of_rows(1000, &window, &split).is_err());
        }
    }

    #[test]
    fn too_few_rows_are_refused_with_the_sum() {
        let error = of_rows(100, &window(30, 7), &backtest(60, 1, 0.1)).unwrap_err();
        insta::assert_snapshot!(error, @r"
        100 rows are too few, 111 are needed: 30 for the lookback, 7 for the horizon of the last window, 7 because a training window's targets end before the first test target, 59 for 60 origins 1 apart, 8 for a validation share of 0.1 and the 7 windows left out before it
          help: use a longer series, or lower `window.lookback`, `window.horizon` or the split's numbers
        ");
    }

    proptest::proptest! {
        #[test]
        fn no_training_window_knows_a_later_part(
            rows in 1usize..400,
            lookback in 1usize..40,
            horizon in 1usize..12,
            origins in 1usize..20,
            stride in 1usize..8,
            validation in 0.0f64..0.95,
        ) {
            let window = window(lookback, horizon);
            let split = backtest(origins, stride, validation);
            let windows = match of_rows(rows, &window, &split) {
                Ok(windows) => windows,
                Err(_) => {
                    assert!(rows < rows_needed(&window, &split));
                    return Ok(());
                }
            };
            assert_eq!(windows.all, rows - lookback - horizon + 1);
            assert!(!windows.train.is_empty());
            let targets = |index: usize| index + lookback..index + lookback + horizon;
            // Rows that training sees or forecasts lie before everything that is for validation or test.
            let last_trained = targets(windows.train.end - 1).end;
            let first_test = targets(windows.test[0]).start;
            assert!(last_trained <= first_test);
            assert_eq!(windows.validation.is_empty(), validation == 0.0);
            if !windows.validation.is_empty() {
                assert_eq!(windows.validation.start - windows.train.end, horizon);
                assert!(last_trained <= targets(windows.validation.start).start);
                assert!(targets(windows.validation.end - 1).end <= first_test);
            }
            assert_eq!(windows.test.len(), origins);
            assert!(windows.test.windows(2).all(|pair| pair[1] - pair[0] == stride));
            assert_eq!(targets(windows.test[origins - 1]).end, rows);
        }
    }
}
