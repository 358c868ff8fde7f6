//! Quantiles beside forecasts → how well they are met: pinball loss, and coverage, width and score of the interval between the lowest and
//! the highest of them. All of it follows from a few sums, so that a summary gives what all forecasts give.

use serde::{Deserialize, Serialize};

use super::forecast::Forecast;
use super::forecasts::Forecasts;
use super::lines;
use super::name;

/// Sums over all forecasts, steps ahead and targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantileSums {
    /// The levels, rising, of which there is at least one.
    levels: Vec<f64>,
    /// Σ of the pinball loss of each level (Koenker and Bassett, 1978), in the target's unit.
    pinball: Vec<f64>,
    /// Of the interval from the lowest to the highest level; absent where there is one level alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<IntervalSums>,
}

/// Sums of the interval between two levels, both ends included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct IntervalSums {
    /// Observed values that lie in it.
    inside: usize,
    /// The same of each window, or of those that stand together.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    inside_of_windows: Vec<f64>,
    /// Σ of its width, in the target's unit.
    width: f64,
    /// Σ of its score for each target, in the target's unit: its width and, for an observed value outside, the distance to the nearer end
    /// divided by the share of values that may lie beyond that end; 2/α times the distance where the interval is central (Gneiting and
    /// Raftery, 2007).
    score: Vec<f64>,
}

impl QuantileSums {
    /// Of no forecast yet, with quantiles of these levels; none without a level.
    pub(in crate::metric) fn new(levels: &[f64]) -> Option<Self> {
        (!levels.is_empty()).then(|| Self {
            levels: levels.to_vec(),
            pinball: vec![0.0; levels.len()],
            interval: (levels.len() > 1).then(IntervalSums::default),
        })
    }

    /// Adds a forecast; whether it begins a place of the lists, or stands together with the one before.
    pub(in crate::metric) fn add(&mut self, sample: &Forecast, begins: bool) {
        for ((level, sum), row) in self.levels.iter().zip(&mut self.pinball).zip(&sample.quantiles) {
            let losses = row.iter().zip(&sample.truth).map(|(quantile, truth)| match truth - quantile {
                above if above >= 0.0 => level * above,
                below => (level - 1.0) * below,
            });
            *sum += losses.sum::<f64>();
        }
        let ends = sample.quantiles.first().zip(sample.quantiles.last());
        let (Some(interval), Some((lower, upper)), [below, .., to]) = (&mut self.interval, ends, &self.levels[..]) else {
            return;
        };
        let targets = sample.targets();
        interval.score.resize(targets, 0.0);
        let before = interval.inside;
        for (column, ((low, high), truth)) in lower.iter().zip(upper).zip(&sample.truth).enumerate() {
            let missed = (low - truth).max(0.0) / below + (truth - high).max(0.0) / (1.0 - to);
            interval.inside += usize::from((low..=high).contains(&truth));
            interval.width += high - low;
            interval.score[column % targets] += high - low + missed;
        }
        if begins {
            interval.inside_of_windows.push(0.0);
        }
        let inside = (interval.inside - before) as f64;
        interval
            .inside_of_windows
            .iter_mut()
            .last()
            .into_iter()
            .for_each(|own| *own += inside);
    }

    /// Itself where every sum is a finite number.
    pub(in crate::metric) fn finite(self) -> Option<Self> {
        let interval = self.interval.iter().flat_map(|sums| sums.score.iter().chain([&sums.width]));
        let is_finite = self.pinball.iter().chain(interval).all(|sum| sum.is_finite());
        is_finite.then_some(self)
    }

    /// Whether it can be that of so many windows of so many steps ahead and so many targets, with quantiles of these levels where they
    /// are told.
    pub(in crate::metric) fn is_possible(&self, [windows, horizon, targets]: [usize; 3], told: &[f64]) -> bool {
        let are_levels = self.levels.iter().all(|level| *level > 0.0 && *level < 1.0);
        let are_rising = self.levels.is_sorted_by(|a, b| a < b);
        let are_told = told.is_empty() || told == self.levels;
        let are_losses = self.pinball.len() == self.levels.len() && self.pinball.iter().all(|sum| *sum >= 0.0);
        let is_interval = match &self.interval {
            None => self.levels.len() == 1,
            Some(IntervalSums {
                inside,
                inside_of_windows,
                width,
                score,
            }) => {
                let least = *width <= score.iter().sum::<f64>() * (1.0 + 1e-9);
                self.levels.len() > 1
                    && *inside <= windows * horizon * targets
                    && *width >= 0.0
                    && least
                    && (inside_of_windows.is_empty() || inside_of_windows.iter().sum::<f64>() == *inside as f64)
                    && inside_of_windows.iter().all(|own| *own >= 0.0)
                    && score.len() == targets
            }
        };
        are_levels && are_rising && are_told && are_losses && is_interval
    }
}

/// The share of observed values that the interval from the lowest to the highest level promises to hold: the difference of both. None
/// where there are no two.
pub fn promised_coverage(forecasts: &Forecasts) -> Option<f64> {
    let levels = match forecasts.summary() {
        Some(summary) => &summary.quantiles.as_ref()?.levels,
        None => forecasts.levels(),
    };
    let [lowest, .., highest] = levels else {
        return None;
    };
    Some(highest - lowest)
}

/// The share of observed values between the lowest and the highest quantile in each of some blocks of windows that do not overlap, of
/// windows whose origins lie `stride` steps apart: windows that forecast from one time, or so many as stand together, and no other until
/// all that they forecast is over. Empty where single windows are not known, or there are no two quantiles.
pub fn coverage_of_blocks(forecasts: &Forecasts, stride: usize) -> Vec<f64> {
    let Some(interval) = forecasts.quantile_sums().and_then(|sums| sums.interval) else {
        return Vec::new();
    };
    let (windows, every) = (forecasts.count(), forecasts.together());
    if interval.inside_of_windows.len() != windows.div_ceil(every) {
        return Vec::new(); // of an older record
    }
    let of_each = values(forecasts) / windows.max(1) as f64;
    let at_once = forecasts.series().len().max(1);
    let places = at_once.div_ceil(every).max(1);
    // So many origins lie in a block, and so many after its last one are ahead of it.
    let origins = (places * every).div_ceil(at_once);
    let ahead = forecasts.horizon().div_ceil(stride.max(1)).max(1) - 1;
    let step = places * (origins + ahead).div_ceil(origins);
    let share = |first: usize| {
        let last = (first + places).min(interval.inside_of_windows.len());
        let inside: f64 = interval.inside_of_windows[first..last].iter().sum();
        let held = (last * every).min(windows) - first * every;
        inside / (held as f64 * of_each)
    };
    (0..interval.inside_of_windows.len()).step_by(step).map(share).collect()
}

/// The pinball loss: q (observed - quantile) where the observed value is above the quantile of level q, (1 - q)(quantile - observed) below;
/// the mean over levels, forecasts, steps and targets, as the mean of scikit-learn's `mean_pinball_loss` of each level.
pub(in crate::metric) fn pinball(forecasts: &Forecasts) -> Option<f64> {
    let sums = forecasts.quantile_sums()?;
    let count = values(forecasts) * sums.levels.len() as f64;
    Some(sums.pinball.iter().sum::<f64>() / count)
}

/// The share of observed values between the lowest and the highest quantile, both included.
pub(in crate::metric) fn coverage(forecasts: &Forecasts) -> Option<f64> {
    Some(forecasts.quantile_sums()?.interval?.inside as f64 / values(forecasts))
}

/// The mean distance from the lowest to the highest quantile.
pub(in crate::metric) fn mean_width(forecasts: &Forecasts) -> Option<f64> {
    Some(forecasts.quantile_sums()?.interval?.width / values(forecasts))
}

/// Mean scaled interval score: that of each target over its mean absolute change from season to season before the test, then the mean over
/// the targets, and over the series where there are many (Makridakis, Spiliotis and Assimakopoulos, 2020, "The M4 competition"). Undefined where one of them never changes there.
pub(in crate::metric) fn msis(forecasts: &Forecasts) -> Option<f64> {
    if !forecasts.series().is_empty() {
        return forecasts.mean_of_series(name::MSIS);
    }
    let scores = forecasts.quantile_sums()?.interval?.score;
    let scales = &forecasts.in_sample()?.absolute;
    if scales.len() != scores.len() || scales.iter().any(|scale| *scale <= 0.0) {
        return None;
    }
    let of_each = (forecasts.count() * forecasts.horizon()) as f64;
    let sum: f64 = scores.iter().zip(scales).map(|(score, scale)| score / of_each / scale).sum();
    Some(sum / scores.len() as f64)
}

/// Observed values of all forecasts, steps and targets.
fn values(forecasts: &Forecasts) -> f64 {
    (forecasts.count() * forecasts.horizon() * forecasts.target_count()) as f64
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::data::InSample;
    use crate::metric::{Keep, Predictions, score};

    /// Two steps ahead from two origins, at 4 and 8: (lower, upper, observed) each.
    fn samples() -> Vec<Forecast> {
        let rows = [[(3.0, 6.0, 5.0), (2.0, 6.0, 1.0)], [(7.0, 9.0, 9.0), (6.0, 9.0, 11.0)]];
        let sample = |(index, row): (usize, [(f64, f64, f64); 2])| Forecast {
            origin: format!("2020-01-0{}", index + 1),
            last: (4.0 * (index + 1) as f64).into(),
            forecast: row.map(|(lower, ..)| lower).to_vec(),
            truth: row.map(|(.., truth)| truth).to_vec(),
            quantiles: vec![row.map(|(lower, ..)| lower).to_vec(), row.map(|(_, upper, _)| upper).to_vec()],
        };
        rows.into_iter().enumerate().map(sample).collect()
    }

    fn of(samples: Vec<Forecast>, levels: &[f64]) -> Forecasts {
        let forecasts = Forecasts::new("USD".to_owned(), samples).with_levels(levels);
        forecasts.with_in_sample(InSample::of(&[&[3.0, 4.0, 1.0]], 1))
    }

    #[test]
    fn four_intervals_by_hand() {
        let forecasts = of(samples(), &[0.25, 0.75]);
        // Widths 3, 4, 2, 3. Of the observed values the first and the third, at an end, are inside; one lies 1 below, one 2 above.
        // Losses of the lower quantile: 2/4, 3/4, 2/4, 5/4; of the upper: 1/4, 5/4, 0, 6/4. Changes of 1 and 3 before the test.
        let expected = [
            ("pinball", (2.0 + 3.0 + 2.0 + 5.0 + 1.0 + 5.0 + 0.0 + 6.0) / 4.0 / 8.0),
            ("coverage", 0.5),
            ("mean_width", 3.0),
            ("msis", (12.0 + 4.0 * 1.0 + 4.0 * 2.0) / 4.0 / 2.0),
        ];
        assert_eq!(promised_coverage(&forecasts), Some(0.5));
        let found = score(&Predictions::Regression(forecasts));
        for (name, value) in expected {
            assert!((found[name] - value).abs() < 1e-12, "{name}: {} {value}", found[name]);
        }
    }

    #[test]
    fn what_is_undefined_has_no_value() {
        let names = ["pinball", "coverage", "mean_width", "msis"];
        let defined = |forecasts: Forecasts| {
            let found = score(&Predictions::Regression(forecasts));
            names.map(|name| found.contains_key(name))
        };
        let mut without = samples();
        without.iter_mut().for_each(|sample| sample.quantiles.clear());
        let mut of_one = samples();
        of_one.iter_mut().for_each(|sample| sample.quantiles.truncate(1));
        for keep in [Keep::All, Keep::Summary] {
            assert_eq!(defined(of(samples(), &[0.1, 0.9]).kept(keep)), [true; 4]);
            assert_eq!(defined(of(without.clone(), &[]).kept(keep)), [false; 4]);
            assert_eq!(defined(of(of_one.clone(), &[0.5]).kept(keep)), [true, false, false, false]);
            assert_eq!(promised_coverage(&of(of_one.clone(), &[0.5]).kept(keep)), None);
            let unchanged = of(samples(), &[0.1, 0.9]).with_in_sample(InSample::of(&[&[4.0; 9]], 1));
            assert_eq!(defined(unchanged.kept(keep)), [true, true, true, false]);
        }
    }

    #[test]
    fn a_summary_gives_the_same_and_tells_what_cannot_be() {
        let all = of(samples(), &[0.1, 0.9]);
        let short = all.clone().kept(Keep::Summary);
        assert_eq!(score(&Predictions::Regression(all.clone()))["msis"], msis(&short).unwrap());
        assert_eq!(promised_coverage(&all), promised_coverage(&short));
        let text = serde_json::to_string(&short).unwrap();
        assert_eq!(serde_json::from_str::<Forecasts>(&text).unwrap(), short);
        let sums = short.summary().unwrap().quantiles.clone().unwrap();
        assert!(sums.is_possible([2, 2, 1], &[0.1, 0.9]) && sums.is_possible([2, 2, 1], &[]));
        assert!(!sums.is_possible([2, 2, 2], &[]), "one score is of one target");
        assert!(!sums.is_possible([2, 2, 1], &[0.2, 0.9]), "of other levels");
        let lies: [fn(&mut QuantileSums); 7] = [
            |sums| sums.levels.swap(0, 1),
            |sums| sums.levels[1] = 1.0,
            |sums| sums.pinball[0] = -1.0,
            |sums| sums.interval = None,
            |sums| sums.interval.as_mut().unwrap().inside = 5,
            |sums| sums.interval.as_mut().unwrap().inside_of_windows[0] += 1.0,
            |sums| sums.interval.as_mut().unwrap().width = 1e3,
        ];
        for (place, lie) in lies.into_iter().enumerate() {
            let mut sums = sums.clone();
            lie(&mut sums);
            assert!(!sums.is_possible([2, 2, 1], &[]), "lie {place}");
        }
    }
}
