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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use candle_core::{Device, Tensor};
    use serde_json::Value;

    use super::*;
    use crate::data::{Inputs, Items};
    use crate::nn::golden::{golden, golden_folder};

    /// Windows at which nothing is observed, so that forecasts are errors.
    fn windows(count: usize, width: usize, coverage: f64) -> Calibration {
        let items = Items {
            inputs: Inputs::Unread,
            targets: Tensor::zeros((count, width), candle_core::DType::F32, &Device::Cpu).unwrap(),
            truth: vec![vec![0.0; width]; count],
            past: Vec::new(),
            names: (0..count).map(|index| format!("window {index}")).collect(),
        };
        Calibration {
            examples: Examples::Items(items),
            spec: ConformalSpec { coverage },
        }
    }

    fn half_widths(calibration: &Calibration, errors: &[Vec<f64>]) -> Result<HalfWidths> {
        HalfWidths::calibrated(calibration, |_, give| {
            let mut errors = errors.iter().enumerate();
            errors.try_for_each(|(index, row)| give(index, row.clone()))
        })
    }

    #[test]
    fn golden_half_widths_of_each_step_and_target() {
        let text = std::fs::read_to_string(golden_folder().join("golden_layers.json")).unwrap();
        let expected = serde_json::from_str::<Value>(&text).unwrap()["forecast_metrics"]["conformal"].take();
        let tensor = &golden("forecast_metrics")["calibration_errors"]; // [window, step, target]
        let (count, steps, targets) = tensor.dims3().unwrap();
        let tensor = tensor.to_dtype(candle_core::DType::F64).unwrap();
        let errors = tensor.reshape((count, steps * targets)).unwrap().to_vec2::<f64>().unwrap();
        for (outside, coverage) in [("0.1", 0.9), ("0.2", 0.8)] {
            let calibration = windows(count, steps * targets, coverage);
            let found = half_widths(&calibration, &errors).unwrap();
            let rows: Vec<Vec<f64>> = serde_json::from_value(expected[outside].clone()).unwrap();
            assert_eq!(found.each(), [rows.concat()], "{coverage}");
            let told = found.told(&calibration.examples, targets);
            let ends = |target| [rows[0][target], rows[steps - 1][target]];
            assert_eq!(told.half_widths, (0..targets).map(ends).collect::<Vec<_>>());
            assert!(told.is_possible(targets) && !told.is_possible(targets + 1));
        }
    }

    #[test]
    fn an_interval_lies_around_its_forecast() {
        let errors: Vec<Vec<f64>> = [3.0, -1.0, 2.0, -4.0].iter().map(|error| vec![*error, 2.0 * error]).collect();
        // ⌈5 · 0.6⌉ = 3: the third smallest of 1, 2, 3, 4.
        let found = half_widths(&windows(4, 2, 0.6), &errors).unwrap();
        assert_eq!(found.each(), [[3.0, 6.0]]);
        assert_eq!(found.around(0, &[10.0, 20.0]), [7.0, 10.0, 13.0, 14.0, 20.0, 26.0]);
        let (forecast, ends) = HalfWidths::quantiles(&ConformalSpec { coverage: 0.6 }).apart(found.around(0, &[10.0, 20.0]));
        assert_eq!((forecast, ends), (vec![10.0, 20.0], vec![vec![7.0, 14.0], vec![13.0, 26.0]]));
    }

    #[test]
    fn no_interval_is_of_a_rank_that_no_error_has() {
        let errors = vec![vec![1.0]; 8];
        let told = half_widths(&windows(8, 1, 0.9), &errors).unwrap_err().to_string();
        assert_eq!(told, "of 8 errors there is none of rank 9");
        let wide = half_widths(&windows(8, 2, 0.5), &errors).unwrap_err().to_string();
        assert!(wide.contains("a prediction has 1 numbers, and 2 are asked for"), "{wide}");
    }
}
