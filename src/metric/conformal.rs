//! Errors on windows that nothing was trained on or chosen by → how wide intervals around forecasts are: split conformal prediction.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::quantiles::Quantiles;
use crate::data::{Calibration, ConformalSpec, Examples};

/// Half of the width of the interval around each forecast: the error of the calibrating windows that has the rank of
/// [`ConformalSpec::rank`], apart for each step ahead and target, and where there are many series for each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfWidths {
    spec: ConformalSpec,
    /// In the targets' unit: [series][step * target].
    each: Vec<Vec<f64>>,
}

/// What intervals were calibrated on, as a record tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibrated {
    /// How many windows; of many series those of all.
    pub windows: usize,
    /// The last known day of the first and of the last of them.
    pub origins: [String; 2],
    /// Half of the width of the intervals at the first and at the last step ahead, of each target in its unit; of many series the mean.
    pub half_widths: Vec<[f64; 2]>,
}

/// The largest of the errors of one step and target, as many as have the wanted rank or a higher one. The bits of numbers from 0 on have
/// the order of the numbers.
type Largest = BinaryHeap<Reverse<u64>>;

impl HalfWidths {
    /// By what a model makes of the calibrating windows: `predict` gives of each, in order, its place and its forecast in the targets' unit
    /// [step * target].
    ///
    /// # Errors
    /// When `predict` fails, or a series has too few windows for the rank.
    pub fn calibrated(
        Calibration { examples, spec }: &Calibration,
        predict: impl FnOnce(&Examples, &mut dyn FnMut(usize, Vec<f64>) -> Result<()>) -> Result<()>,
    ) -> Result<Self> {
        let mut windows = vec![0; examples.series()];
        (0..examples.len()).for_each(|index| windows[examples.series_of(index)] += 1);
        for &count in &windows {
            let rank = spec.rank(count);
            ensure!(rank <= count, "of {count} errors there is none of rank {rank}");
        }
        // All errors of a long horizon and many targets would be more than the data.
        let mut largest: Vec<Vec<Largest>> = vec![Vec::new(); windows.len()];
        predict(examples, &mut |index, forecast| {
            let (truth, series) = (examples.truth(index), examples.series_of(index));
            ensure!(
                truth.len() == forecast.len(),
                "a prediction has {} numbers, and {} are asked for",
                forecast.len(),
                truth.len()
            );
            let most = windows[series] + 1 - spec.rank(windows[series]);
            let own = &mut largest[series];
            own.resize(truth.len(), Largest::new());
            for (errors, (forecast, truth)) in own.iter_mut().zip(forecast.iter().zip(truth)) {
                errors.push(Reverse((forecast - truth).abs().to_bits()));
                if errors.len() > most {
                    errors.pop();
                }
            }
            Ok(())
        })?;
        let width = |errors: &Largest| errors.peek().map_or(0.0, |Reverse(bits)| f64::from_bits(*bits));
        let each = largest.iter().map(|own| own.iter().map(width).collect()).collect();
        Ok(Self { spec: *spec, each })
    }

    /// What [`HalfWidths::around`] gives in the place of a number.
    pub fn quantiles(spec: &ConformalSpec) -> Quantiles {
        Quantiles::around(spec.levels())
    }

    /// A forecast of a window of that series [output] with the ends of its intervals: [output · (lower end, forecast, upper end)].
    pub fn around(&self, series: usize, forecast: &[f64]) -> Vec<f64> {
        let own = forecast.iter().zip(&self.each[series]);
        own.flat_map(|(value, half)| [value - half, *value, value + half]).collect()
    }

    /// In the targets' unit: [series][step * target].
    pub fn each(&self) -> &[Vec<f64>] {
        &self.each
    }

    /// What a record tells of it.
    pub fn told(&self, examples: &Examples, targets: usize) -> Calibrated {
        let mean = |column: &dyn Fn(usize) -> usize| {
            let sum: f64 = self.each.iter().map(|own| own[column(own.len())]).sum();
            sum / self.each.len() as f64
        };
        let ends = |target| [mean(&|_| target), mean(&|columns| columns - targets + target)];
        Calibrated {
            windows: examples.len(),
            origins: [examples.name(0), examples.name(examples.len() - 1)],
            half_widths: (0..targets).map(ends).collect(),
        }
    }
}

impl Calibrated {
    /// Whether it can be that of forecasts of so many targets.
    pub fn is_possible(&self, targets: usize) -> bool {
        let [first, last] = &self.origins;
        let are_widths = self.half_widths.iter().flatten().all(|half| *half >= 0.0);
        self.windows > 0 && (self.windows == 1) == (first == last) && are_widths && self.half_widths.len() == targets
    }
}
