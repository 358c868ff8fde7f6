//! Series: where they come from, how they are cut into windows and split by time.

mod card;
pub mod checked;
mod file;
pub mod intervals;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod intervals_tests;
pub mod prices;
pub mod simulated;
pub mod stamped;
pub mod time;
pub mod window;

use std::fmt::Debug;
use std::path::Path;

use anyhow::Context;
use candle_core::Device;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::form::{FromParts, Sample, SourceSettings, SplitSettings};
use super::slot::SlotSettings;
use super::{Blame, Data, Dataset, Digests, Folders, Form, Noun, Outputs, Raw, STEPS, Seen, raw_as};
use crate::kind::Kinds;
use crate::task::REGRESSION;
use checked::Series;
use intervals::IntervalsSpec;
use time::Times;
use window::{Cut, ScaleSeries, Transform, WindowSpec};

crate::kinds! {
    /// The kinds of `[dataset.NAME]` that are series.
    pub enum SeriesSource: SeriesSettings {
        "prices" | "csv stock stocks price" => Prices(prices::PricesSpec),
        "series" | "timeseries time_series sensor signal" => Series(stamped::SeriesSpec),
        "simulated_prices" | "synthetic_prices fake_prices random_prices" => SimulatedPrices(simulated::SimulatedPricesSpec),
    }
}

/// What the settings of every series offer.
pub trait SeriesSettings: Debug {
    /// The part of the code that reads it, as keys name it, with its version.
    fn code(&self) -> (&'static str, u32);

    /// What is wrong with the settings themselves, whatever the data hold.
    ///
    /// # Errors
    /// When they do not fit each other.
    fn check(&self) -> Result<(), Blame>;

    /// See [`SourceSettings::without`].
    fn without(&mut self, lost: &[&str]) -> bool {
        lost.is_empty()
    }

    /// How many columns a network sees, where the settings tell.
    fn feature_count(&self) -> Option<usize>;

    /// Whether it holds many series.
    fn holds_many(&self) -> bool {
        false
    }

    /// For each target the feature that it is, where it is one; at least one. None where the data alone tell.
    fn targets(&self) -> Option<Vec<Option<usize>>>;

    /// The series, checked; `transform` is what the window will apply to its columns.
    ///
    /// # Errors
    /// When it is not here, or not what it must be.
    fn read(&self, data_folder: &Path, transform: Transform) -> anyhow::Result<Series>;
}

crate::kinds! {
    /// The kinds of `[split]` of a series.
    pub enum SeriesSplit: SplitInTime {
        "holdout" | "hold_out train_test_split last_window" => Holdout(window::HoldoutSpec),
        "backtest" | "walk_forward rolling rolling_origin time_series_split timeseriessplit expanding" => Backtest(window::BacktestSpec),
        "borders" | "rows chronological train_validation_test ratio ratios" => Borders(window::BordersSpec),
    }
}

/// What the settings of every split of a series offer.
pub trait SplitInTime: Debug {
    /// Which windows of the rows at these times are for what.
    ///
    /// # Errors
    /// When they do not yield a window of each part; the message says what is needed, and why.
    fn windows(&self, times: &Times, window: &WindowSpec) -> anyhow::Result<window::Windows>;

    /// How often a model is trained as the test goes on.
    fn trainings(&self) -> usize {
        1
    }

    /// The windows of one training, of the test those that it forecasts.
    ///
    /// # Errors
    /// As [`SplitInTime::windows`], and when there is no such training.
    fn training(&self, times: &Times, window: &WindowSpec, place: usize) -> anyhow::Result<window::Windows> {
        let _ = place;
        self.windows(times, window)
    }

    /// How many windows of that horizon are tested, where that does not depend on the rows.
    fn origins(&self, horizon: usize) -> Option<usize>;

    /// Whether there are validation windows.
    fn has_validation(&self) -> bool;

    /// Whether its borders are times, wherever a series begins and ends.
    fn is_at_times(&self) -> bool {
        false
    }

    /// Whether it can split many series of different lengths without one learning what another is tested on.
    ///
    /// # Errors
    /// When its borders are counted in rows.
    fn fits_many(&self) -> Result<(), Blame> {
        Ok(())
    }

    /// Has none any more, where they would be trained on then.
    fn without_validation(&mut self);

    /// See [`SplitSettings::without_training`].
    fn without_training(&mut self) {}

    /// What is wrong between its settings and those of the windows, whatever the data hold.
    ///
    /// # Errors
    /// When no window can be trained on.
    fn check(&self, window: &WindowSpec) -> Result<(), Blame> {
        let _ = window;
        Ok(())
    }

    /// See [`SplitSettings::unread_by_baselines`].
    fn unread_by_baselines(&self) -> &'static [&'static str] {
        &["validation"]
    }
}

/// A series cut into windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesData {
    /// Where the series comes from: `[dataset.NAME]`.
    pub source: SeriesSource,
    /// `[window]`
    pub window: WindowSpec,
    /// `[split]`
    pub split: SeriesSplit,
    /// `[intervals]`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<IntervalsSpec>,
}

/// Series.
pub static FORM: Form = Form {
    word: "series",
    holds: "a series",
    is: "is a series",
    being: "a series is",
    noun: Noun {
        one: "origin",
        tested: "forecast origins",
    },
    axes: STEPS,
    task: &REGRESSION,
    sources: SeriesSource::kinds,
    splits: SeriesSplit::kinds,
};

const WINDOW: &str = WindowSpec::SLOT.table;
const INTERVALS: &str = IntervalsSpec::SLOT.table;

impl FromParts for SeriesData {
    type Source = SeriesSource;
    type Split = SeriesSplit;

    fn sample(source: &SeriesSource, seen: &Seen) -> Result<Option<Sample>, Blame> {
        let window = seen.get(WINDOW).map(WindowSpec::deserialize).transpose();
        let window = window.expect("a window that was read is read again from what it was written as");
        if window
            .as_ref()
            .is_some_and(|window| window.scale_series == ScaleSeries::Together)
            && !source.holds_many()
        {
            return Err(Blame {
                table: WINDOW,
                help: Some("leave it out, or name the column of the series: `by` in [dataset.NAME]"),
                ..Blame::at("scale_series", "`scale_series` is for many series, and the dataset holds one")
            });
        }
        Ok(window.map(|window| Sample {
            // Where the data alone tell, there is at least one.
            shape: vec![window.lookback, source.feature_count().unwrap_or(1)],
            outputs: Outputs {
                steps: window.horizon,
                targets: source.targets().unwrap_or_else(|| vec![Some(0)]),
            },
            changes: window.transform.is_change().then_some([WINDOW, "transform"]),
        }))
    }

    fn check_split(source: &SeriesSource, split: &SeriesSplit) -> Result<(), Blame> {
        match source.holds_many() {
            true => split.fits_many(),
            false => Ok(()),
        }
    }

    fn of(source: &SeriesSource, split: &SeriesSplit, seen: &Seen) -> serde_json::Result<Self> {
        Ok(Self {
            source: source.clone(),
            window: WindowSpec::deserialize(seen.get(WINDOW).unwrap_or(&Value::Null))?,
            split: split.clone(),
            intervals: seen.get(INTERVALS).map(IntervalsSpec::deserialize).transpose()?,
        })
    }
}

impl SeriesData {
    /// What a series becomes: shapes, days and scaling, without the numbers.
    ///
    /// # Errors
    /// When it is too short, or cannot be scaled.
    pub fn cut(&self, series: &Series) -> anyhow::Result<Cut> {
        window::cut(series, &self.window, &self.split).with_context(|| series.source.clone())
    }

    /// Without what intervals are calibrated on, where there are some.
    fn held_back(&self, data: anyhow::Result<Dataset>) -> anyhow::Result<Dataset> {
        match &self.intervals {
            Some(intervals) => intervals.held_back(data?),
            None => data,
        }
    }
}

impl Data for SeriesData {
    fn form(&self) -> &'static Form {
        &FORM
    }

    fn outputs(&self, raw: Option<&dyn Raw>) -> Outputs {
        let of_data = raw.and_then(|raw| raw_as::<Series>(raw).ok()).map(Series::target_features);
        Outputs {
            steps: self.window.horizon,
            // Where the data alone tell, there is at least one.
            targets: of_data.or_else(|| self.source.targets()).unwrap_or_else(|| vec![Some(0)]),
        }
    }

    fn tables(&self) -> Vec<(&'static str, Value)> {
        let mut tables = vec![
            ("dataset", json!(self.source)),
            ("split", json!(self.split)),
            (WINDOW, json!(self.window)),
        ];
        tables.extend(self.intervals.as_ref().map(|intervals| (INTERVALS, json!(intervals))));
        tables
    }

    /// Their intervals are calibrated there, too.
    fn baselines_validate(&self) -> bool {
        self.intervals.is_some()
    }

    fn code(&self) -> Vec<(&'static str, u32)> {
        let mut parts = vec![self.source.code(), ("dataset.window", window::VERSION)];
        parts.extend(self.intervals.as_ref().map(IntervalsSpec::code));
        parts
    }

    /// The window's transform says which values are allowed.
    fn read_by(&self) -> Value {
        json!([self.source, self.window.transform])
    }

    fn read(&self, folders: &Folders) -> anyhow::Result<Box<dyn Raw>> {
        let series = self.source.read(&folders.data, self.window.transform)?;
        Ok(Box::new(series))
    }

    fn trainings(&self) -> usize {
        self.split.trainings()
    }

    fn check_fit(&self, raw: &dyn Raw) -> anyhow::Result<()> {
        let series = raw_as::<Series>(raw)?;
        window::check(series, &self.window, &self.split).with_context(|| series.source.clone())?;
        if let Some(intervals) = &self.intervals {
            window::check_intervals(series, &self.window, &self.split, intervals).with_context(|| series.source.clone())?;
        }
        Ok(())
    }

    fn hole(&self, raw: &dyn Raw) -> Option<String> {
        raw_as::<Series>(raw).ok()?.hole()
    }

    fn note(&self, raw: &dyn Raw) -> Option<String> {
        let series = raw_as::<Series>(raw).ok()?;
        let notes: Vec<String> = series.notes.iter().cloned().chain(series.hole()).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn build(&self, raw: &dyn Raw, _: &Folders, device: &Device) -> anyhow::Result<Dataset> {
        let series = raw_as::<Series>(raw)?;
        self.held_back(window::build(series, &self.window, &self.split, device))
            .with_context(|| series.source.clone())
    }

    fn build_training(&self, raw: &dyn Raw, _: &Folders, device: &Device, place: usize) -> anyhow::Result<Dataset> {
        let series = raw_as::<Series>(raw)?;
        self.held_back(window::build_training(series, &self.window, &self.split, device, place))
            .with_context(|| series.source.clone())
    }
}

impl Raw for Series {
    fn digests(&self) -> Digests {
        Digests {
            data: self.digest(),
            weights: None,
        }
    }
}

impl SourceSettings for SeriesSource {
    fn check(&self) -> Result<(), Blame> {
        (**self).check()
    }

    fn without(&mut self, lost: &[&str]) -> bool {
        (**self).without(lost)
    }

    fn look_at(&self, data_folder: &Path) -> anyhow::Result<()> {
        self.read(data_folder, Transform::None).map(drop)
    }
}

impl SplitSettings for SeriesSplit {
    fn has_validation(&self) -> bool {
        (**self).has_validation()
    }

    fn without_validation(&mut self) {
        (**self).without_validation();
    }

    fn without_training(&mut self) {
        (**self).without_training();
    }

    fn unread_by_baselines(&self) -> &'static [&'static str] {
        (**self).unread_by_baselines()
    }

    fn check(&self, seen: &Seen) -> Result<(), Blame> {
        let window = seen.get(WINDOW).map(WindowSpec::deserialize).transpose();
        let window = window.expect("a window that was read is read again from what it was written as");
        window.map_or(Ok(()), |window| (**self).check(&window))
    }
}
