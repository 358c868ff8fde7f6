//! Windows of a series → tensors, truths and names.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use anyhow::Context;
use candle_core::Device;

use super::columns::{rows_of, scaled, scales, target_scale};
use super::many::{windows_of, windows_of_training};
use super::scale::ColumnScale;
use super::walk::walk;
use super::{Scale, WindowSpec, Windows};
use crate::data::card::Walk;
use crate::data::series::SeriesSplit;
use crate::data::series::checked::{Column, Series};
use crate::data::series::intervals::IntervalsSpec;
use crate::data::series::time::Moment;
use crate::data::windows::{self as views, Rows};
use crate::data::{Dataset, Examples, ForecastTarget, InSample, Outputs, Target, TargetScale};

/// What a series becomes, without the numbers: for those who want to see the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// Shape of all windows' inputs together, before the split: [sample, time, feature].
    pub all: Vec<usize>,
    /// Shape of the training inputs.
    pub train: Vec<usize>,
    /// Shape of the training targets: [sample, horizon], of several targets [sample, horizon, target].
    pub train_targets: Vec<usize>,
    /// Shape of the validation inputs, where there are some.
    pub validation: Option<Vec<usize>>,
    /// Shape of the test inputs.
    pub test: Vec<usize>,
    /// Shape of the test targets.
    pub test_targets: Vec<usize>,
    /// First and last day of the rows that training windows use, targets included.
    pub train_days: [Moment; 2],
    /// First and last forecast day.
    pub test_days: [Moment; 2],
    /// Scaling of the first target.
    pub target: TargetScale,
    /// How a model walks forward through the test; none where it is trained once. Of many series by the rows of the first.
    pub walk: Option<Walk>,
}

/// Shapes, days and scaling of a series under these settings.
pub fn cut(series: &Series, window: &WindowSpec, split: &SeriesSplit) -> anyhow::Result<Cut> {
    let windows = windows_of(series, window, split)?;
    let inputs = |count: usize| vec![count, window.lookback, series.features];
    let several = (series.targets.len() > 1).then_some(series.targets.len());
    let targets = |count: usize| [count, window.horizon].into_iter().chain(several).collect();
    let sum = |of: fn(&Windows) -> usize| windows.iter().map(of).sum::<usize>();
    let [train, validation, test] = [
        sum(|own| own.train.len()),
        sum(|own| own.validation.len()),
        sum(|own| own.test.len()),
    ];
    // The earliest and the latest of all series.
    let days = |of: &dyn Fn(&Windows) -> Range<usize>| -> Option<[Moment; 2]> {
        let at = series.times.counts();
        let rows = || windows.iter().map(of);
        let first = rows().map(|rows| rows.start).min_by_key(|row| at[*row])?;
        let last = rows().map(|rows| rows.end - 1).max_by_key(|row| at[*row])?;
        Some([first, last].map(|row| series.times.get(row)))
    };
    let of_train = |own: &Windows| own.train.start..rows_of(&own.train, window).end;
    let of_test = |own: &Windows| {
        let last = own.test[own.test.len() - 1];
        own.test[0] + window.lookback..last + window.lookback + window.horizon
    };
    let told = "a series that was cut has windows of each part";
    Ok(Cut {
        all: inputs(sum(|own| own.all)),
        train: inputs(train),
        train_targets: targets(train),
        validation: (validation > 0).then(|| inputs(validation)),
        test: inputs(test),
        test_targets: targets(test),
        train_days: days(&of_train).context(told)?,
        test_days: days(&of_test).context(told)?,
        target: target_scale(window, scales(series, window, &windows)[0][series.targets[0]]),
        walk: walk(&series.times.range(series.each().swap_remove(0).1), window, split)?,
    })
}

/// The scaling of so many trainings is looked at before any begins; where there are more, of some between the first and the last.
const MOST_CHECKED: usize = 20;

/// Whether a series can be cut and scaled so.
///
/// # Errors
/// When it is too short, or a scaled value is no number that a network can take; both name what to change.
pub fn check(series: &Series, window: &WindowSpec, split: &SeriesSplit) -> anyhow::Result<()> {
    let trainings = split.trainings();
    for place in (0..trainings).step_by(trainings.div_ceil(MOST_CHECKED)) {
        let windows = windows_of_training(series, window, split, place)?;
        scaled(series, window, &scales(series, window, &windows))?;
    }
    Ok(())
}

/// Whether the windows of a series are enough for intervals; see [`IntervalsSpec::held_back`].
///
/// # Errors
/// As there.
pub fn check_intervals(
    series: &Series,
    window: &WindowSpec,
    split: &SeriesSplit,
    intervals: &IntervalsSpec,
) -> anyhow::Result<()> {
    let (all, [watched, calibrating]) = validation_halves(series, window, split)?;
    let count = |(name, rows): (Option<&'_ str>, Range<usize>)| {
        let own = calibrating.iter().filter(|first| rows.contains(first));
        (name.map(str::to_owned), own.count())
    };
    let each: Vec<(Option<String>, usize)> = series.each().into_iter().map(count).collect();
    let each: Vec<(Option<&str>, usize)> = each.iter().map(|(name, count)| (name.as_deref(), *count)).collect();
    intervals.check(all, watched.len(), &each)
}

/// How many validation windows there are, and by their first rows those that are watched and those that calibrate.
///
/// # Errors
/// When the series is too short for the split.
pub fn validation_halves(
    series: &Series,
    window: &WindowSpec,
    split: &SeriesSplit,
) -> anyhow::Result<(usize, [Vec<usize>; 2])> {
    let windows = windows_of(series, window, split)?;
    let all = in_order(series, window, windows.iter().flat_map(|own| own.validation.clone()));
    let halves = views::halved(&all, &series.times, [window.lookback, window.horizon]);
    Ok((all.len(), halves))
}

/// Windows of many series in the order of time, and of their names.
fn in_order(series: &Series, window: &WindowSpec, first: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut first: Vec<usize> = first.collect();
    first.sort_by_key(|window_start| series.times.counts()[window_start + window.lookback - 1]);
    first
}

/// The examples of a series under these settings, their tensors on that device; of several trainings those of the first, and the
/// whole test.
pub fn build(series: &Series, window: &WindowSpec, split: &SeriesSplit, device: &Device) -> anyhow::Result<Dataset> {
    dataset(series, window, &windows_of(series, window, split)?, device)
}

/// The same of one training, and of the test what is forecast after it and before the next.
pub fn build_training(
    series: &Series,
    window: &WindowSpec,
    split: &SeriesSplit,
    device: &Device,
    place: usize,
) -> anyhow::Result<Dataset> {
    dataset(series, window, &windows_of_training(series, window, split, place)?, device)
}

fn dataset(series: &Series, window: &WindowSpec, windows: &[Windows], device: &Device) -> anyhow::Result<Dataset> {
    let scales = scales(series, window, windows);
    let scaled = scaled(series, window, &scales)?;
    fn of_targets<'a, T>(series: &Series, of: &dyn Fn(usize) -> &'a Vec<T>) -> Vec<&'a [T]> {
        series.targets.iter().map(|column| of(*column).as_slice()).collect()
    }
    let each = series.each().into_iter();
    let rows = Arc::new(Rows::new(
        &scaled[..series.features],
        &of_targets(series, &|column| &scaled[column]),
        &of_targets(series, &|column| &series.columns[column].values),
        (
            series.times.clone(),
            each.map(|(name, rows)| (name.map(str::to_owned), rows)).collect(),
        ),
        [window.lookback, window.horizon],
        device,
    )?);
    drop(scaled);
    let known_from: Vec<usize> = windows.iter().map(|own| own.known_from).collect();
    let examples = |first: Vec<usize>| Examples::Windows(views::Windows::new(&rows, first, known_from.clone()));
    let of_each = |of: fn(&Windows) -> Vec<usize>| windows.iter().flat_map(of).collect::<Vec<usize>>();
    let in_order = |first: Vec<usize>| in_order(series, window, first.into_iter());
    let validation = in_order(of_each(|own| own.validation.clone().collect()));
    let in_samples = in_samples(series, window, windows);
    Ok(Dataset {
        target: Target::Numbers {
            scales: scales
                .iter()
                .map(|own| {
                    series
                        .targets
                        .iter()
                        .map(|column| target_scale(window, own[*column]))
                        .collect()
                })
                .collect(),
            unit: series.unit.clone(),
            told: told(series, windows),
            publish: series.publish,
            in_sample: match series.many[..] {
                [] => in_samples[0].clone(),
                _ => None,
            },
            many: series.many.iter().map(|one| one.name.clone()).zip(in_samples).collect(),
        },
        outputs: Outputs {
            steps: window.horizon,
            targets: series.target_features(),
        },
        sample_shape: vec![window.lookback, series.features],
        train: examples(of_each(|own| own.train.clone().collect())),
        validation: (!validation.is_empty()).then(|| examples(validation)),
        calibration: None,
        test: examples(in_order(of_each(|own| own.test.clone()))),
    })
}

/// How much the targets of each series change by themselves in the rows that scores are measured with.
fn in_samples(series: &Series, window: &WindowSpec, windows: &[Windows]) -> Vec<Option<InSample>> {
    let of_each = |own: &Windows| {
        let columns = series.targets.iter().map(|column| &series.columns[*column]);
        let values: Vec<&[f64]> = columns.map(|column| &column.values[own.scored_by.clone()]).collect();
        InSample::of(&values, window.season)
    };
    windows.iter().map(of_each).collect()
}

/// The targets as a record tells them, where the series says so; many series are standardised alike.
fn told(series: &Series, windows: &[Windows]) -> Vec<ForecastTarget> {
    let told = series.targets.iter().filter(|_| series.tells_targets).map(|column| {
        let Column { name, values } = &series.columns[*column];
        let rows = windows.iter().map(|own| own.scored_by.clone());
        let ColumnScale { offset, factor } = ColumnScale::fit(Scale::Standard, &gathered(rows.map(|rows| &values[rows])));
        ForecastTarget {
            name: name.clone(),
            mean: offset,
            deviation: factor,
        }
    });
    told.collect()
}

/// Some stretches of a column, one after the other.
fn gathered<'a>(stretches: impl Iterator<Item = &'a [f64]>) -> Cow<'a, [f64]> {
    let stretches: Vec<&[f64]> = stretches.collect();
    match stretches[..] {
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(stretches.concat()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use candle_core::Tensor;

    use super::super::{BacktestSpec, FitScaleOn, HoldoutSpec, Scale, ScaleSeries, Transform};
    use super::*;
    use crate::data::series::checked::{Column, tests::series};

    fn window(lookback: usize, horizon: usize) -> WindowSpec {
        WindowSpec {
            lookback,
            horizon,
            transform: Transform::None,
            scale: Scale::MinMax,
            fit_scale_on: FitScaleOn::Train,
            scale_series: ScaleSeries::Each,
            season: 1,
        }
    }

    fn holdout(validation: f64) -> SeriesSplit {
        SeriesSplit::Holdout(HoldoutSpec { validation })
    }

    /// Ten days: 10, 11, … 18, and 100 on the last.
    fn ten_days() -> Series {
        let mut prices: Vec<f64> = (10..19).map(f64::from).collect();
        prices.push(100.0);
        series(&prices)
    }

    fn dataset(series: &Series, window: &WindowSpec, split: &SeriesSplit) -> Dataset {
        build(series, window, split, &Device::Cpu).unwrap()
    }

    fn scale(data: &Dataset) -> TargetScale {
        match &data.target {
            Target::Numbers { scales, .. } => scales[0][0],
            Target::Classes(_) => panic!("a series has no classes"),
        }
    }

    /// All inputs [sample, time, feature] and targets [sample, horizon].
    fn all(examples: &Examples) -> (Tensor, Tensor) {
        let indices: Vec<usize> = (0..examples.len()).collect();
        examples.batch(&indices, None).unwrap()
    }

    fn windows(examples: &Examples) -> Tensor {
        all(examples).0
    }

    fn targets(examples: &Examples) -> Vec<Vec<f32>> {
        all(examples).1.to_vec2().unwrap()
    }

    fn names(examples: &Examples) -> Vec<String> {
        (0..examples.len()).map(|index| examples.name(index)).collect()
    }

    #[test]
    fn windows_by_hand() {
        let data = dataset(&ten_days(), &window(3, 2), &holdout(0.0));
        // Ten rows: windows 0 to 5; the last is the test; windows 0 to 3 end before row 8. They use rows 0 to 7: 10 to 17.
        assert_eq!((scale(&data).offset, scale(&data).factor), (10.0, 7.0));
        assert_eq!(data.train.len(), 4);
        assert_eq!(windows(&data.train).dims(), [4, 3, 1]);
        assert_eq!(all(&data.train).1.dims(), [4, 2]);
        let inputs: Vec<Vec<Vec<f32>>> = windows(&data.train).to_vec3().unwrap();
        assert_eq!(inputs[3], [[3.0 / 7.0], [4.0 / 7.0], [5.0 / 7.0]]);
        assert_eq!(targets(&data.train)[3], [6.0 / 7.0, 1.0]);
        assert_eq!(data.test.truth(0), [18.0, 100.0]);
        assert_eq!(data.test.past(0), [15.0, 16.0, 17.0]);
        assert_eq!(data.test.history(0), [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0]);
        assert_eq!(names(&data.test), ["2020-01-08"]);
        assert_eq!(data.train.name(0), "2020-01-03");
        assert!(data.validation.is_none());
        assert!((data.target.prediction((&data.test, 0), [1.0].into_iter(), 1)[0] - 17.0).abs() < 1e-12);
    }

    #[test]
    fn the_scaling_sees_only_training_rows_unless_told_otherwise() {
        let series = ten_days();
        // Seven windows end before the test: two for validation, one left out, four trained on; they use rows 0 to 5.
        let split = holdout(0.34);
        let mut window = window(2, 1);
        let data = dataset(&series, &window, &split);
        assert_eq!((data.train.len(), data.validation.as_ref().unwrap().len()), (4, 2));
        assert_eq!((scale(&data).offset, scale(&data).factor), (10.0, 5.0));
        window.fit_scale_on = FitScaleOn::All;
        let data = dataset(&series, &window, &split);
        assert_eq!((scale(&data).offset, scale(&data).factor), (10.0, 90.0));
    }

    #[test]
    fn features_keep_their_order_and_the_target_may_be_none_of_them() {
        let mut series = ten_days();
        series.columns = vec![
            Column {
                name: "Open".to_owned(),
                values: (0..10).map(f64::from).collect(),
            },
            Column {
                name: "High".to_owned(),
                values: (0..10).map(|day| -f64::from(day)).collect(),
            },
            series.columns.remove(0),
        ];
        (series.features, series.targets) = (2, vec![2]);
        let mut window = window(2, 1);
        window.scale = Scale::None;
        let data = dataset(&series, &window, &holdout(0.0));
        assert_eq!(data.sample_shape, [2, 2]);
        let inputs: Vec<Vec<Vec<f32>>> = windows(&data.test).to_vec3().unwrap();
        assert_eq!(inputs[0], [[7.0, -7.0], [8.0, -8.0]]);
        assert_eq!(data.test.past(0), [17.0, 18.0]);
        assert_eq!(targets(&data.test), [[100.0]]);
    }

    #[test]
    fn the_logarithm_is_undone() {
        let series = ten_days();
        let mut window = window(2, 2);
        window.transform = Transform::Log;
        let data = dataset(&series, &window, &holdout(0.0));
        for (scaled, truth) in targets(&data.test)[0].iter().zip(data.test.truth(0)) {
            let price = data.target.prediction((&data.test, 0), [f64::from(*scaled)].into_iter(), 1)[0];
            assert!((price / truth - 1.0).abs() < 1e-6, "{price} {truth}");
        }
        assert_eq!(scale(&data).offset, 10f64.ln());
    }

    #[test]
    fn a_cut_tells_what_build_gives() {
        let series = ten_days();
        let split = SeriesSplit::Backtest(BacktestSpec {
            origins: 2,
            stride: 2,
            validation: 0.2,
            refit_every: 0,
            train_rows: None,
        });
        let window = window(2, 1);
        let cut = cut(&series, &window, &split).unwrap();
        let data = dataset(&series, &window, &split);
        assert_eq!(cut.all, [8, 2, 1]);
        assert_eq!(cut.train, windows(&data.train).dims());
        assert_eq!(cut.train_targets, all(&data.train).1.dims());
        let validation = data.validation.as_ref().map(|examples| windows(examples).dims().to_vec());
        assert_eq!(cut.validation, validation);
        assert_eq!(cut.test, windows(&data.test).dims());
        assert_eq!(cut.test_targets, all(&data.test).1.dims());
        assert_eq!(cut.target, scale(&data));
        // Test windows 5 and 7; windows 0 to 4 end before them: one for validation, one left out, 0 to 2 trained on.
        assert_eq!(cut.train_days.map(|day| day.to_string()), ["2020-01-01", "2020-01-05"]);
        assert_eq!(cut.test_days.map(|day| day.to_string()), ["2020-01-08", "2020-01-10"]);
        assert_eq!(names(&data.test), ["2020-01-07", "2020-01-09"]);
    }

    #[test]
    fn scaled_errors_are_measured_with_what_comes_before_the_test_whatever_is_for_validation() {
        let series = series(&[1.0, 3.0, 2.0, 6.0, 4.0, 9.0, 7.0, 50.0, 2.0, 60.0]);
        let mut window = window(2, 1);
        window.season = 2;
        let split = |validation| {
            SeriesSplit::Backtest(BacktestSpec {
                origins: 3,
                stride: 1,
                validation,
                refit_every: 0,
                train_rows: None,
            })
        };
        // The first test target is row 7: changes 1, 3, 2, 3, 3 before it.
        for validation in [0.0, 0.3] {
            let Target::Numbers { in_sample, .. } = dataset(&series, &window, &split(validation)).target else {
                panic!("a series has numbers");
            };
            let found = in_sample.unwrap();
            assert_eq!(
                (found.season, found.absolute[0], found.squared[0]),
                (2, 12.0 / 5.0, 32.0 / 5.0)
            );
        }
    }

    #[test]
    fn a_batch_holds_the_samples_asked_for_in_that_order() {
        let data = dataset(&ten_days(), &window(3, 2), &holdout(0.0));
        let (inputs, targets) = data.train.batch(&[2, 0], None).unwrap();
        let all: Vec<Vec<Vec<f32>>> = windows(&data.train).to_vec3().unwrap();
        assert_eq!(inputs.to_vec3::<f32>().unwrap(), [all[2].clone(), all[0].clone()]);
        assert_eq!(targets.dims(), [2, 2]);
    }

    #[test]
    fn what_a_network_cannot_take_is_refused() {
        let mut window = window(2, 1);
        window.scale = Scale::None;
        let huge = series(&[1.0, 1.0, 1e300, 1.0, 1.0, 1.0]);
        let error = build(&huge, &window, &holdout(0.0), &Device::Cpu).err().unwrap();
        let error = error.to_string();
        assert!(
            error.contains("column `Price`: 1") && error.contains("of 2020-01-03"),
            "{error}"
        );
    }
}
