//! A season that repeats: whether there is one, and how a series is without it (classical decomposition, Hyndman and Athanasopoulos,
//! 2021, section 3.4).

/// A χ² of one degree of freedom is above it in one of ten cases.
const CRITICAL: f64 = 2.705_543_454_095_404;

/// How each step of a season differs from the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Season {
    /// Added to the rest of the series; their sum is 0.
    Added(Vec<f64>),
    /// Multiplied with it; their mean is 1.
    Multiplied(Vec<f64>),
}

impl Season {
    /// The season of so many steps in at least two seasons of values, where a test at 10 % finds one.
    pub(super) fn found(values: &[f64], steps: usize) -> Option<Self> {
        if steps < 2 || !is_seasonal(values, steps) {
            return None;
        }
        let is_positive = values.iter().all(|value| *value > 0.0);
        let multiplied = is_positive.then(|| {
            let means = means(values, steps, |value, trend| value / trend);
            let mean = means.iter().sum::<f64>() / steps as f64;
            means.into_iter().map(|one| one / mean).collect::<Vec<f64>>()
        });
        // A season below 0 multiplies nothing.
        Some(
            match multiplied.filter(|factors| factors.iter().all(|factor| *factor > 0.0)) {
                Some(factors) => Self::Multiplied(factors),
                None => {
                    let means = means(values, steps, |value, trend| value - trend);
                    let mean = means.iter().sum::<f64>() / steps as f64;
                    Self::Added(means.into_iter().map(|one| one - mean).collect())
                }
            },
        )
    }

    /// A series that begins with the first step of a season, without it.
    pub(super) fn without<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        values.iter().enumerate().map(|(step, value)| match self {
            Self::Added(season) => value - season[step % season.len()],
            Self::Multiplied(season) => value / season[step % season.len()],
        })
    }

    /// A value at a step of such a series, with the season.
    pub(super) fn put_in(&self, value: f64, step: usize) -> f64 {
        match self {
            Self::Added(season) => value + season[step % season.len()],
            Self::Multiplied(season) => value * season[step % season.len()],
        }
    }
}

/// Whether the correlation of values a season apart is beyond what those nearer to each other let expect.
fn is_seasonal(values: &[f64], steps: usize) -> bool {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let product = |lag: usize| -> f64 {
        let later = values.iter().skip(lag);
        values.iter().zip(later).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let variance = product(0);
    let correlation = |lag: usize| product(lag) / variance;
    let nearer: f64 = (0..steps).map(|lag| correlation(lag) * correlation(lag)).sum();
    let own = correlation(steps);
    // Of values that never change it is no number, and false.
    values.len() as f64 * own * own / nearer > CRITICAL
}

/// The mean of what `part` makes of (value, trend) for each step of the season, where the trend is known: a mean over a season on both
/// sides of a step, whose ends count half where a season is even.
fn means(values: &[f64], steps: usize, part: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let half = steps / 2;
    let trend = |step: usize| {
        let around = &values[step - half..=step + half];
        let ends = match steps.is_multiple_of(2) {
            true => (around[0] + around[2 * half]) / 2.0,
            false => 0.0,
        };
        let inner = match steps.is_multiple_of(2) {
            true => &around[1..2 * half],
            false => around,
        };
        (inner.iter().sum::<f64>() + ends) / steps as f64
    };
    let (mut sums, mut counts) = (vec![0.0; steps], vec![0usize; steps]);
    for step in half..values.len() - half {
        sums[step % steps] += part(values[step], trend(step));
        counts[step % steps] += 1;
    }
    sums.iter().zip(counts).map(|(sum, count)| sum / count as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_by_hand() {
        // 10, 14, 6 on a level: the mean of three beside each other is 10.
        let values: Vec<f64> = [10.0, 14.0, 6.0].into_iter().cycle().take(12).collect();
        assert_eq!(Season::found(&values, 3), Some(Season::Multiplied(vec![1.0, 1.4, 0.6])));
        let lower: Vec<f64> = values.iter().map(|value| value - 10.0).collect();
        let season = Season::found(&lower, 3);
        assert_eq!(season, Some(Season::Added(vec![0.0, 4.0, -4.0])));
        let season = season.expect("there is one");
        assert!(season.without(&lower).all(|value| value == 0.0));
        assert_eq!(season.put_in(1.0, 4), 5.0);
        // Of four, the ends count half.
        let even: Vec<f64> = [1.0, 2.0, 3.0, 6.0].into_iter().cycle().take(16).collect();
        assert_eq!(
            Season::found(&even, 4),
            Some(Season::Multiplied(vec![1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0]))
        );
    }

    #[test]
    fn without_a_rhythm_there_is_none() {
        assert_eq!(Season::found(&[5.0; 30], 3), None);
        let values: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(Season::found(&values, 1), None);
    }
}
