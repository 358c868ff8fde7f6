//! Windows of a series as views into it: memory grows with the rows of the series, not with what windows see of each.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{Device, Storage, Tensor};

use super::series::time::Times;

/// What stands between the time of a window and the series that it is of; no time holds it.
const OF_SERIES: &str = ", ";

/// The time and the series of a window of one of many, from its name; none where it is of the only one.
pub fn time_and_series(name: &str) -> Option<(&str, &str)> {
    name.split_once(OF_SERIES)
}

/// A scaled series, once for all windows that look into it.
pub struct Rows {
    /// What a network sees of each row: [row, feature], f32.
    inputs: Tensor,
    /// The targets of each row, scaled: [row, target], f32.
    targets: Tensor,
    /// The targets of each row, in their unit: [row * target].
    truth: Vec<f64>,
    /// When each row is; of each series they rise.
    times: Times,
    /// The rows of each series, one after the other, each with its name where there are many.
    series: Vec<RowsOf>,
    /// Rows that a window sees.
    lookback: usize,
    /// Rows after them that it forecasts.
    horizon: usize,
}

/// A series by name, where there are many, and its rows among all.
type RowsOf = (Option<String>, Range<usize>);

/// Some windows of a series, in time order; of many, none of which reaches from one into another.
pub struct Windows {
    rows: Arc<Rows>,
    /// The first row of each.
    first: Vec<usize>,
    /// Of each series the first row that may be known.
    known_from: Vec<usize>,
}

impl Rows {
    /// A series of which windows see `lookback` rows and forecast the `horizon` after them. `features` and `targets`
    /// [column][row] are scaled, `truth` [column][row] are the targets in their unit.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn new(
        features: &[Vec<f32>],
        targets: &[&[f32]],
        truth: &[&[f64]],
        (times, series): (Times, Vec<RowsOf>),
        [lookback, horizon]: [usize; 2],
        device: &Device,
    ) -> anyhow::Result<Self> {
        let rows = times.len();
        let mut inputs = Vec::with_capacity(rows * features.len());
        let mut scaled = Vec::with_capacity(rows * targets.len());
        let mut in_unit = Vec::with_capacity(rows * targets.len());
        for row in 0..rows {
            inputs.extend(features.iter().map(|column| column[row]));
            scaled.extend(targets.iter().map(|column| column[row]));
            in_unit.extend(truth.iter().map(|column| column[row]));
        }
        Ok(Self {
            inputs: Tensor::from_vec(inputs, (rows, features.len()), device)?,
            targets: Tensor::from_vec(scaled, (rows, targets.len()), device)?,
            truth: in_unit,
            times,
            series,
            lookback,
            horizon,
        })
    }
}

/// Windows in the order of time, by their first rows, in two: those from the middle one's origin on, and of those before them the ones that
/// forecast nothing after that origin. So no value is forecast in both halves; of one series whose rows follow one another, `horizon - 1`
/// windows are in neither.
pub(super) fn halved(first: &[usize], times: &Times, [lookback, horizon]: [usize; 2]) -> [Vec<usize>; 2] {
    let at = times.counts();
    let origin = |first: &usize| at[first + lookback - 1];
    let Some(middle) = first.get(first.len() / 2).map(origin) else {
        return [Vec::new(), Vec::new()];
    };
    let early = first.iter().filter(|first| at[**first + lookback + horizon - 1] <= middle);
    let late = first.iter().filter(|first| origin(first) >= middle);
    [early.copied().collect(), late.copied().collect()]
}

impl Rows {
    fn truth_of(&self, rows: Range<usize>) -> &[f64] {
        let targets = self.truth.len() / self.times.len();
        &self.truth[rows.start * targets..rows.end * targets]
    }
}

impl Windows {
    /// The windows that begin at those rows, for who may know the rows of each series from those of `known_from` on.
    pub fn new(rows: &Arc<Rows>, first: Vec<usize>, known_from: Vec<usize>) -> Self {
        let rows = Arc::clone(rows);
        Self { rows, first, known_from }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Those of the first half of the time and those of the second; see [`halved`].
    pub fn halved(&self) -> [Self; 2] {
        let Rows {
            times,
            lookback,
            horizon,
            ..
        } = &*self.rows;
        halved(&self.first, times, [*lookback, *horizon]).map(|first| Self::new(&self.rows, first, self.known_from.clone()))
    }

    /// The targets over the lookback, in their unit: [time * target].
    pub fn past(&self, index: usize) -> &[f64] {
        let first = self.first[index];
        self.rows.truth_of(first..first + self.rows.lookback)
    }

    /// The series that a window is of: its place among all.
    pub fn series_of(&self, index: usize) -> usize {
        let first = self.first[index];
        self.rows.series.partition_point(|(_, rows)| rows.end <= first)
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.rows.series.len()
    }

    /// The targets on every row of its series that may be known, up to the last that the window may know, in their unit: [row * target].
    pub fn history(&self, index: usize) -> &[f64] {
        let known_from = self.known_from[self.series_of(index)];
        self.rows.truth_of(known_from..self.first[index] + self.rows.lookback)
    }

    /// The targets on every row of a series that may be known, up to the last that one of these windows sees or forecasts, in their unit:
    /// [row * target].
    pub fn covered(&self, series: usize) -> &[f64] {
        let (_, rows) = &self.rows.series[series];
        let own = self.first.iter().filter(|first| rows.contains(first));
        let last = own.max().map_or(self.known_from[series], |first| {
            first + self.rows.lookback + self.rows.horizon
        });
        self.rows.truth_of(self.known_from[series]..last)
    }

    /// What is to be forecast, in the targets' unit: [horizon * target].
    pub fn truth(&self, index: usize) -> &[f64] {
        let coming = self.first[index] + self.rows.lookback;
        self.rows.truth_of(coming..coming + self.rows.horizon)
    }

    /// The time of the last row that it may know; of one of many series that series's name after it: `2020-01-31, acme`.
    pub fn name(&self, index: usize) -> String {
        let time = self.rows.times.get(self.first[index] + self.rows.lookback - 1);
        match &self.rows.series[self.series_of(index)] {
            (Some(name), _) => format!("{time}{OF_SERIES}{name}"),
            (None, _) => time.to_string(),
        }
    }

    /// Inputs [index, time, feature] and targets [index, horizon * target] of those windows, in the order given.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn batch(&self, indices: &[usize]) -> candle_core::Result<(Tensor, Tensor)> {
        let Rows { lookback, horizon, .. } = *self.rows;
        let inputs = self.gathered(&self.rows.inputs, indices, 0, lookback)?; // [index * time, feature]
        let targets = self.gathered(&self.rows.targets, indices, lookback, horizon)?; // [index * horizon, target]
        let features = self.rows.inputs.dim(1)?;
        let width = horizon * self.rows.targets.dim(1)?;
        Ok((
            inputs.reshape((indices.len(), lookback, features))?,
            targets.reshape((indices.len(), width))?,
        ))
    }

    /// Of each of those windows, `count` rows from its row `from` on.
    fn gathered(&self, rows: &Tensor, indices: &[usize], from: usize, count: usize) -> candle_core::Result<Tensor> {
        let starts = indices.iter().map(|index| self.first[*index] + from);
        let (storage, layout) = rows.storage_and_layout();
        if let (Storage::Cpu(storage), Some((begin, end))) = (&*storage, layout.contiguous_offsets()) {
            // Rows of a window lie beside each other: one copy for each window, not one for each row.
            let (numbers, width) = (&storage.as_slice::<f32>()?[begin..end], rows.dim(1)?);
            let mut all = Vec::with_capacity(indices.len() * count * width);
            starts.for_each(|start| all.extend_from_slice(&numbers[start * width..(start + count) * width]));
            return Tensor::from_vec(all, (indices.len() * count, width), rows.device());
        }
        drop(storage);
        let numbers: Vec<u32> = starts.flat_map(|start| start..start + count).map(|row| row as u32).collect();
        rows.index_select(&Tensor::new(numbers, rows.device())?, 0)
    }
}
