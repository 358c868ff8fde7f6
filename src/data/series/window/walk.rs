//! `kind = "backtest"`: the last windows are the test. With `refit_every` a model walks forward through it: each training knows the
//! rows before the first value that it forecasts, and no later one.
//!
//! A training of a walk is that of a backtest which begins where it begins: the same gaps, a scaling and a validation set of its own.

use anyhow::{Result, ensure};

use super::split::Last;
use super::{BacktestSpec, WindowSpec, Windows};
use crate::data::Blame;
use crate::data::card::{Training, Walk};
use crate::data::series::time::Times;
use crate::data::series::{SeriesSplit, SplitInTime};

/// So many trainings of a walk are shown.
const MOST_SHOWN: usize = 8;

impl SplitInTime for BacktestSpec {
    fn windows(&self, times: &Times, window: &WindowSpec) -> Result<Windows> {
        Last::from(self).windows(times.len(), window)
    }

    fn origins(&self, _: usize) -> Option<usize> {
        Some(self.origins)
    }

    fn trainings(&self) -> usize {
        match self.refit_every {
            0 => 1,
            every => self.origins.div_ceil(every),
        }
    }

    fn training(&self, times: &Times, window: &WindowSpec, place: usize) -> Result<Windows> {
        let whole = self.windows(times, window)?;
        if self.trainings() == 1 {
            return Ok(whole);
        }
        let trainings = self.trainings();
        ensure!(place < trainings, "there is no training {place} of {trainings}");
        let from_here = Last {
            origins: self.origins - place * self.refit_every,
            ..Last::from(self)
        };
        let mut own = from_here.windows(times.len(), window)?;
        own.test.truncate(self.refit_every);
        Ok(Windows {
            scored_by: whole.scored_by,
            ..own
        })
    }

    fn has_validation(&self) -> bool {
        self.validation > 0.0
    }

    fn without_validation(&mut self) {
        self.validation = 0.0;
    }

    fn without_training(&mut self) {
        (self.refit_every, self.train_rows) = (0, None);
    }

    fn check(&self, window: &WindowSpec) -> Result<(), Blame> {
        let Some(train_rows) = self.train_rows else {
            return Ok(());
        };
        let enough = Last::from(self).enough(train_rows, window);
        enough.map_err(|reason| Blame {
            help: Some("raise it, or leave it out: then each training knows all rows before what it forecasts"),
            ..Blame::at("train_rows", reason)
        })
    }
}

/// What a model is trained on as the test goes on; none where it is trained once. Rows are counted from 0.
///
/// # Errors
/// As [`SplitInTime::training`].
pub(super) fn walk(times: &Times, window: &WindowSpec, split: &SeriesSplit) -> Result<Option<Walk>> {
    let trainings = split.trainings();
    let SeriesSplit::Backtest(backtest) = split else {
        return Ok(None);
    };
    if trainings == 1 {
        return Ok(None);
    }
    let is_shown = |place: &usize| trainings <= MOST_SHOWN || *place < MOST_SHOWN / 2 || place + MOST_SHOWN / 2 >= trainings;
    let (lookback, horizon) = (window.lookback, window.horizon);
    let shown = (0..trainings).filter(is_shown).map(|place| {
        let windows = Windows::of_training(times, window, split, place)?;
        let (first, last) = (windows.test[0], windows.test[windows.test.len() - 1]);
        Ok(Training {
            place,
            known_until: times.get(first + lookback - 1).to_string(),
            train: [windows.train.start, windows.train.end - 1 + lookback + horizon],
            validation: (!windows.validation.is_empty()).then(|| {
                [
                    windows.validation.start + lookback,
                    windows.validation.end - 1 + lookback + horizon,
                ]
            }),
            test: [first + lookback, last + lookback + horizon],
        })
    });
    Ok(Some(Walk {
        every: backtest.refit_every,
        train_rows: backtest.train_rows,
        trainings,
        shown: shown.collect::<Result<_>>()?,
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use jiff::ToSpan;
    use serde_json::{Value, json};

    use super::*;

    fn window(lookback: usize, horizon: usize) -> WindowSpec {
        serde_json::from_value(json!({ "lookback": lookback, "horizon": horizon })).unwrap()
    }

    fn split(settings: &Value) -> BacktestSpec {
        serde_json::from_value(settings.clone()).unwrap()
    }

    fn days(count: usize) -> Times {
        let first = jiff::civil::date(2020, 1, 1);
        let days: Vec<_> = (0..count).map(|day| first.saturating_add((day as i64).days())).collect();
        Times::days(&days)
    }

    #[test]
    fn a_walk_by_hand() {
        // 20 rows, lookback 3, horizon 2: windows 0 to 15. Five origins 2 apart: test windows 7, 9, 11, 13, 15. Trained before the
        // first, the third and the fifth: what is known then ends before rows 10, 14 and 18.
        let (times, window) = (days(20), window(3, 2));
        let spec = split(&json!({ "origins": 5, "stride": 2, "refit_every": 2 }));
        assert_eq!(spec.trainings(), 3);
        for (place, train, test) in [(0, 0..6, &[7, 9][..]), (1, 0..10, &[11, 13]), (2, 0..14, &[15])] {
            let windows = spec.training(&times, &window, place).unwrap();
            assert_eq!((windows.train, &*windows.test, windows.known_from), (train, test, 0));
            assert_eq!(windows.scored_by, 0..10, "all trainings are scored alike");
        }
        assert!(spec.training(&times, &window, 3).is_err());
        // The last seven of those rows alone.
        let spec = split(&json!({ "origins": 5, "stride": 2, "refit_every": 2, "train_rows": 7 }));
        for (place, train) in [(0, 3..6), (1, 7..10), (2, 11..14)] {
            let windows = spec.training(&times, &window, place).unwrap();
            assert_eq!((windows.known_from, windows.train.clone()), (train.start, train));
        }
        let shown = walk(&times, &window, &SeriesSplit::Backtest(spec)).unwrap().unwrap();
        assert_eq!((shown.every, shown.train_rows), (2, Some(7)));
        assert_eq!((shown.trainings, shown.shown.len()), (3, 3));
        let second = &shown.shown[1];
        assert_eq!((second.train, second.test), ([7, 14], [14, 18]));
        assert_eq!((&*second.known_until, second.validation), ("2020-01-14", None));
    }

    #[test]
    fn once_is_as_without_and_so_is_a_step_beyond_the_test() {
        let (times, window) = (days(60), window(5, 3));
        let once = split(&json!({ "origins": 9, "validation": 0.2 }));
        assert_eq!(json!(once), json!({ "origins": 9, "stride": 1, "validation": 0.2 }));
        for every in [0, 9, 50] {
            let spec = split(&json!({ "origins": 9, "validation": 0.2, "refit_every": every }));
            assert_eq!(spec.trainings(), 1);
            assert_eq!(
                spec.training(&times, &window, 0).unwrap(),
                once.windows(&times, &window).unwrap()
            );
        }
    }

    #[test]
    fn more_rows_than_are_known_and_too_few_to_train_on_are_told() {
        let told = |train_rows: usize| {
            let spec = split(&json!({ "origins": 10, "validation": 0.25, "train_rows": train_rows }));
            let at_data = spec.windows(&days(60), &window(5, 3)).err().map(|error| error.to_string());
            (spec.check(&window(5, 3)).err().map(|blame| blame.key), at_data)
        };
        // 60 rows: the first test value of ten origins is row 48.
        assert_eq!(told(48), (None, None));
        let (blamed, at_data) = told(49);
        assert!(
            blamed.is_none()
                && at_data
                    .unwrap()
                    .contains("the last 49 rows before the test, and there are 48")
        );
        // Five windows: one for validation, three left out before it, one to train on.
        assert_eq!(told(12), (None, None));
        let (blamed, at_data) = told(11);
        assert_eq!(blamed, Some("train_rows"));
        assert!(
            at_data
                .unwrap()
                .contains("`split.train_rows` = 11 is too few to train on, which takes 12: 5 for the lookback")
        );
    }

    #[test]
    fn of_a_long_walk_the_first_and_the_last_trainings_are_shown() {
        let spec = SeriesSplit::Backtest(split(&json!({ "origins": 30, "refit_every": 1 })));
        let shown = walk(&days(60), &window(5, 1), &spec).unwrap().unwrap();
        let places: Vec<usize> = shown.shown.iter().map(|training| training.place).collect();
        assert_eq!((shown.trainings, places), (30, vec![0, 1, 2, 3, 26, 27, 28, 29]));
    }

    proptest::proptest! {
        #[test]
        fn no_training_knows_what_it_forecasts_or_what_comes_later(
            rows in 20usize..300,
            lookback in 1usize..20,
            horizon in 1usize..8,
            origins in 1usize..20,
            stride in 1usize..5,
            validation in 0.0f64..0.6,
            every in 1usize..8,
            share in 0.2f64..1.0,
            slides in proptest::bool::ANY,
        ) {
            let (times, window) = (days(rows), window(lookback, horizon));
            let mut spec = split(&json!({ "origins": origins, "stride": stride, "validation": validation, "refit_every": every }));
            let Ok(whole) = spec.windows(&times, &window) else {
                return Ok(());
            };
            let known = whole.test[0] + lookback;
            spec.train_rows = slides.then_some((share * known as f64) as usize).filter(|rows| *rows > 0);
            if spec.check(&window).is_err() {
                return Ok(());
            }
            let targets = |index: usize| index + lookback..index + lookback + horizon;
            let mut tested = Vec::new();
            for place in 0..spec.trainings() {
                let windows = spec.training(&times, &window, place).unwrap();
                let first_forecast = targets(windows.test[0]).start;
                assert!(!windows.train.is_empty());
                assert!(targets(windows.train.end - 1).end <= first_forecast);
                if !windows.validation.is_empty() {
                    assert!(targets(windows.validation.end - 1).end <= first_forecast);
                    assert!(targets(windows.train.end - 1).end <= targets(windows.validation.start).start);
                }
                assert_eq!(windows.validation.is_empty(), validation == 0.0);
                let known = spec.train_rows.unwrap_or(first_forecast);
                assert_eq!(windows.known_from, first_forecast - known);
                assert_eq!(windows.train.start, windows.known_from);
                assert_eq!(&windows.scored_by, &whole.scored_by);
                assert!(windows.test.len() <= every);
                tested.extend(windows.test);
            }
            assert_eq!(tested, whole.test, "each origin is forecast once, in order");
        }
    }
}
