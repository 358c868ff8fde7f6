//! A summary made window by window, so that no more of the forecasts is held than what is kept.

use std::collections::BTreeMap;

use super::{ErrorSpread, Grouped, OF_ALL, OfAll, PERCENTILES, Steps, Summary, Truth, word};
use crate::data::ForecastTarget;
use crate::metric::forecast::Forecast;
use crate::metric::forecasts::{Keep, TruthDigest};
use crate::metric::intervals::QuantileSums;
use crate::metric::regression::{self, VALUE_LOSSES, ValueLoss};
use crate::metric::scoring::MOST_HELD;
use crate::statistics::percentile;

/// Windows whose losses are listed, at most. Of more, neighbours stand together, so that the lists of a record have a bound.
const MOST_LISTED: usize = 8_000;

/// The same where a short summary is asked for.
const BRIEF_LISTED: usize = 500;

/// Sums over windows that are listed, at most, of each kind; of more, neighbouring steps stand together.
const MOST_SUMS: usize = 4_000;

/// The same where a short summary is asked for.
const BRIEF_SUMS: usize = 400;

/// Steps ahead whose errors are told by percentiles, at most; of several targets so many for all of them.
const MOST_STEPS: usize = 100;

/// Bytes of a record, about, that lists and windows may take together.
const MOST_BYTES: usize = 900_000;

/// Bytes of a number in a line, about.
const NUMBER: usize = 20;

/// Bytes for the windows that are kept whole, about; the first and the last always are.
const WHOLE_BYTES: usize = 150_000;

/// Windows that are kept whole, at most.
const MOST_WHOLE: usize = 12;

/// Of these the ones that were missed most, where there is room for them.
const WORST: usize = 2;

/// A summary in the making.
pub(in crate::metric) struct Summing<'a> {
    targets: &'a [ForecastTarget],
    /// Whether a short summary is asked for.
    is_brief: bool,
    /// All windows, and the numbers of each.
    windows: usize,
    columns: usize,
    /// Steps whose sums stand together.
    together: usize,
    /// By column, where R² does not follow from the sums: Σ (forecast - truth)² and Σ (truth - mean truth)².
    apart: Vec<[f64; 2]>,
    every: usize,
    added: usize,
    origins: Vec<String>,
    /// By loss, in the order of the list of losses.
    losses: Vec<Vec<f64>>,
    naive: Vec<f64>,
    steps: Steps,
    /// Mean of the observed values so far, by column.
    means: Vec<f64>,
    /// Steps whose errors are told, from 0.
    told: Vec<usize>,
    /// The errors there: [step and target][window].
    errors: Vec<Vec<f64>>,
    /// Every error in size, where they can be held.
    sizes: Option<Vec<f64>>,
    largest: f64,
    /// Values whose direction was right.
    right: usize,
    quantiles: Option<QuantileSums>,
    digest: TruthDigest,
    range: [f64; 2],
    /// Places of the windows that are kept because of where they are.
    spaced: Vec<usize>,
    whole: BTreeMap<usize, Forecast>,
    /// Other windows that were missed most: their loss, their place; the worst first.
    worst: Vec<(f64, usize, Forecast)>,
    most_worst: usize,
    publish: bool,
    /// Whether windows that are kept whole have their quantiles.
    keeps_quantiles: bool,
}

impl<'a> Summing<'a> {
    /// That of so many windows of so many numbers each, of these targets where they are told, with quantiles of these levels.
    pub(in crate::metric) fn new(
        targets: &'a [ForecastTarget],
        [windows, columns]: [usize; 2],
        levels: &[f64],
        keep: Keep,
    ) -> Self {
        // A window has all its numbers twice, forecast and observed.
        let row = NUMBER.max(28 * usize::from(columns <= crate::metric::lines::MOST_EACH)) * columns;
        let bytes = 150 + 2 * row;
        let with_quantiles = bytes + levels.len() * row;
        let keeps_quantiles = 2 * with_quantiles <= WHOLE_BYTES;
        let room_for = |bytes: usize| (WHOLE_BYTES / bytes).clamp(2, MOST_WHOLE);
        let room = room_for(if keeps_quantiles { with_quantiles } else { bytes });
        let most_worst = if room >= 2 * WORST { WORST } else { 0 };
        let several = targets.len().max(1);
        let is_brief = keep == Keep::Summary;
        let (horizon, most_sums) = (columns / several, if is_brief { BRIEF_SUMS } else { MOST_SUMS });
        let together = horizon.div_ceil((most_sums / several).max(1)).max(1);
        let sums = horizon.div_ceil(together) * several;
        // What else there is has a bound, the lists of windows take the rest.
        // Not by quantiles: windows stand together alike for all models.
        let rest = MOST_BYTES.saturating_sub(room_for(bytes) * bytes + 4 * NUMBER * sums + 5 * MOST_STEPS * NUMBER);
        let told = spaced(columns / several, (MOST_STEPS / several).max(2));
        Self {
            targets,
            windows,
            columns,
            every: every(windows, is_brief, rest),
            is_brief,
            together,
            apart: if together > 1 { vec![[0.0; 2]; columns] } else { Vec::new() },
            added: 0,
            origins: Vec::new(),
            losses: vec![Vec::new(); VALUE_LOSSES.len()],
            naive: vec![0.0; VALUE_LOSSES.len()],
            steps: Steps {
                grouped: (together > 1).then_some(Grouped { horizon, together }),
                error: vec![0.0; sums],
                absolute: vec![0.0; sums],
                squared: vec![0.0; sums],
                spread: vec![0.0; sums],
            },
            means: vec![0.0; columns],
            errors: vec![Vec::with_capacity(windows); told.len() * several],
            told,
            sizes: (windows.saturating_mul(columns) <= MOST_HELD).then(Vec::new),
            largest: 0.0,
            right: 0,
            quantiles: QuantileSums::new(levels),
            digest: TruthDigest::default(),
            range: [f64::INFINITY, 0.0],
            spaced: spaced(windows, room - most_worst),
            whole: BTreeMap::new(),
            worst: Vec::new(),
            most_worst,
            publish: true,
            keeps_quantiles,
        }
    }

    /// The same without any value of a window.
    pub(in crate::metric) fn unpublished(mut self) -> Self {
        self.spaced.clear();
        self.most_worst = 0;
        self.publish = false;
        // What whole windows would take the lists may.
        let rest = MOST_BYTES.saturating_sub(4 * NUMBER * self.steps.squared.len() + 5 * MOST_STEPS * NUMBER);
        self.every = every(self.windows, self.is_brief, rest);
        self
    }

    /// Adds the next window, in time order.
    pub(in crate::metric) fn add(&mut self, sample: Forecast) {
        let place = self.added;
        self.added += 1;
        let begins = place.is_multiple_of(self.every);
        if begins {
            self.origins.push(sample.origin.clone());
        }
        for (loss, list) in VALUE_LOSSES.iter().zip(&mut self.losses) {
            if begins {
                list.push(0.0);
            }
            let sum = sample.sum(self.targets, loss);
            list.last_mut().into_iter().for_each(|last| *last += sum);
        }
        for (loss, naive) in VALUE_LOSSES.iter().zip(&mut self.naive) {
            *naive += sample.naive_losses(self.targets, loss).sum::<f64>();
        }
        self.add_columns(&sample);
        for size in sample.sizes() {
            self.largest = self.largest.max(size);
            self.sizes.iter_mut().for_each(|sizes| sizes.push(size));
        }
        self.right += sample.directions().filter(|is_right| *is_right).count();
        self.quantiles.iter_mut().for_each(|sums| sums.add(&sample, begins));
        self.digest.add(&sample);
        for size in sample.truth.iter().map(|value| value.abs()) {
            self.range = [self.range[0].min(size), self.range[1].max(size)];
        }
        self.keep(place, sample);
    }

    fn add_columns(&mut self, sample: &Forecast) {
        let steps = &mut self.steps;
        let several = self.errors.len() / self.told.len().max(1);
        for (column, (forecast, truth)) in sample.forecast.iter().zip(&sample.truth).enumerate() {
            let error = forecast - truth;
            let sum = column / several / self.together * several + column % several;
            steps.error[sum] += error;
            steps.absolute[sum] += error.abs();
            steps.squared[sum] += error * error;
            // Welford, 1962: no sum of squares that loses what it is made for.
            let before = truth - self.means[column];
            self.means[column] += before / self.added as f64;
            let spread = before * (truth - self.means[column]);
            steps.spread[sum] += spread;
            if let Some([squares, spreads]) = self.apart.get_mut(column) {
                *squares += error * error;
                *spreads += spread;
            }
        }
        for (place, errors) in self.errors.iter_mut().enumerate() {
            let column = self.told[place / several] * several + place % several;
            errors.push(sample.forecast[column] - sample.truth[column]);
        }
    }

    fn keep(&mut self, place: usize, mut sample: Forecast) {
        if !self.keeps_quantiles {
            sample.quantiles.clear();
        }
        if self.spaced.binary_search(&place).is_ok() {
            self.whole.insert(place, sample);
            return;
        }
        let missed = sample.sum(self.targets, self.decides());
        let is_worse = |other: &(f64, usize, Forecast)| missed.total_cmp(&other.0).is_gt();
        let rank = self.worst.iter().position(is_worse).unwrap_or(self.worst.len());
        if rank < self.most_worst {
            self.worst.insert(rank, (missed, place, sample));
            self.worst.truncate(self.most_worst);
        }
    }

    /// By which windows are missed more than others: on one scale where the targets' are known.
    fn decides(&self) -> &'static ValueLoss {
        match self.targets {
            [] => &regression::SQUARED,
            _ => &regression::SCALED_SQUARED,
        }
    }

    /// The summary of what was added, and the windows that are kept whole.
    pub(in crate::metric) fn finish(mut self) -> (Summary, Vec<Forecast>) {
        let (windows, columns, every) = (self.windows, self.columns, self.every);
        let mut losses = BTreeMap::new();
        for (loss, mut list) in VALUE_LOSSES.iter().zip(self.losses) {
            for (place, sum) in list.iter_mut().enumerate() {
                *sum /= (every.min(windows - place * every) * columns) as f64;
            }
            if list.iter().all(|value| value.is_finite()) {
                losses.insert(loss.name.to_owned(), list);
            }
        }
        let naive = VALUE_LOSSES.iter().zip(&self.naive).filter_map(|(loss, sum)| {
            let mean = sum / (windows * columns) as f64;
            mean.is_finite().then(|| (loss.name.to_owned(), mean))
        });
        let mut percentiles: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for errors in &mut self.errors {
            errors.sort_by(f64::total_cmp);
            for percent in PERCENTILES {
                let list = percentiles.entry(word(percent)).or_default();
                list.push(percentile(errors, percent));
            }
        }
        let summary = Summary {
            windows,
            every,
            origins: self.origins,
            losses,
            naive: naive.collect(),
            steps: self.steps,
            errors: ErrorSpread {
                steps: self.told.into_iter().map(|step| step + 1).collect(),
                percentiles,
            },
            truth: Truth {
                digest: self.digest.finish(),
                range: self.publish.then_some(self.range),
            },
            quantiles: self.quantiles.and_then(QuantileSums::finite),
            of_all: self.largest.is_finite().then(|| OfAll {
                version: OF_ALL,
                median_error: self.sizes.and_then(regression::median),
                max_error: self.largest,
                r2: regression::r2_of(&self.apart).filter(|_| windows > 1),
                directional_accuracy: self.right as f64 / (windows * columns) as f64,
            }),
        };
        self.whole
            .extend(self.worst.into_iter().map(|(_, place, sample)| (place, sample)));
        (summary, self.whole.into_values().collect())
    }
}

/// So many windows stand together in lists of so many bytes; in brief ones a power of two, so that they end where batches do.
fn every(windows: usize, is_brief: bool, bytes: usize) -> usize {
    match is_brief {
        true => windows.div_ceil(BRIEF_LISTED).next_power_of_two(),
        false => windows.div_ceil(listed_in(bytes)).max(1),
    }
}

/// So many windows are listed in so many bytes.
fn listed_in(bytes: usize) -> usize {
    (bytes / (VALUE_LOSSES.len() * NUMBER + 12)).clamp(200, MOST_LISTED)
}

/// At most `most` of so many places, equally far apart, the first and the last among them.
fn spaced(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    (0..most).map(|place| place * (count - 1) / (most - 1).max(1)).collect()
}
