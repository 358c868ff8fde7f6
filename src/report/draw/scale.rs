//! Values → places along an axis, and the ticks between: linear and logarithmic.

use crate::report::round;

/// A value at which an axis is labelled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// Where.
    pub at: f64,
    /// What stands there.
    pub label: String,
}

/// From values to shares of an axis: 0 is its beginning, 1 its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Equal steps for equal differences.
    Linear {
        /// Value at 0.
        from: f64,
        /// Value at 1.
        to: f64,
    },
    /// Equal steps for equal ratios.
    Log {
        /// Value at 0, above 0.
        from: f64,
        /// Value at 1.
        to: f64,
    },
}

impl Scale {
    /// From the lowest to the highest of the values that are finite; around 0 where there is none, and around the value
    /// where there is one.
    pub(crate) fn linear(values: impl IntoIterator<Item = f64>) -> Self {
        let (from, to) = range(values).unwrap_or((0.0, 1.0));
        if from < to {
            return Self::Linear { from, to };
        }
        let half = if from == 0.0 { 0.5 } else { from.abs() * 0.1 };
        Self::Linear {
            from: from - half,
            to: to + half,
        }
    }

    /// The same logarithmic, over the values above 0; `None` where there is none.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (from, to) = range(values.into_iter().filter(|&value| value > 0.0))?;
        Some(if from < to {
            Self::Log { from, to }
        } else {
            Self::Log {
                from: from / 2.0,
                to: to * 2.0,
            }
        })
    }

    /// Widened to ticks at both ends, so that the data do not touch the frame.
    pub(crate) fn rounded(self) -> Self {
        match self {
            Self::Linear { mut from, mut to } => {
                // Twice: a longer axis can have wider steps, which the ends must then lie on.
                for _ in 0..2 {
                    let step = step(to - from, TICKS);
                    from = (from / step + 1e-9).floor() * step;
                    to = (to / step - 1e-9).ceil() * step;
                }
                Self::Linear { from, to }
            }
            Self::Log { from, to } => {
                let margin = (to / from).powf(0.04);
                Self::Log {
                    from: from / margin,
                    to: to * margin,
                }
            }
        }
    }

    /// Widened by a share of its length at both ends.
    pub(crate) fn padded(self, share: f64) -> Self {
        match self {
            Self::Linear { from, to } => {
                let margin = (to - from) * share;
                Self::Linear {
                    from: from - margin,
                    to: to + margin,
                }
            }
            Self::Log { from, to } => {
                let margin = (to / from).powf(share);
                Self::Log {
                    from: from / margin,
                    to: to * margin,
                }
            }
        }
    }

    /// Its kind and its two ends, as a script reads them: `log 0.001 10`.
    pub(crate) fn ends(&self) -> String {
        match self {
            Self::Linear { from, to } => format!("linear {from} {to}"),
            Self::Log { from, to } => format!("log {from} {to}"),
        }
    }

    /// Where a value lies; `None` where it cannot be drawn (not finite, or not above 0 on a logarithmic axis).
    pub(crate) fn place(&self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        match *self {
            Self::Linear { from, to } => Some((value - from) / (to - from)),
            Self::Log { from, to } => (value > 0.0).then(|| (value / from).ln() / (to / from).ln()),
        }
    }

    /// Ticks at round numbers.
    pub(crate) fn ticks(&self) -> Vec<Tick> {
        match *self {
            Self::Linear { from, to } => {
                let step = step(to - from, TICKS);
                let (first, last) = ((from / step - 1e-9).ceil() as i64, (to / step + 1e-9).floor() as i64);
                (first..=last)
                    .map(|i| Tick {
                        at: i as f64 * step,
                        label: stepped(i as f64 * step, step),
                    })
                    .collect()
            }
            Self::Log { from, to } => log_ticks(from, to),
        }
    }
}

/// Ticks that a linear axis aims at.
const TICKS: f64 = 5.0;

/// The step of 1, 2 or 5 times a power of ten that gives about so many ticks.
fn step(length: f64, ticks: f64) -> f64 {
    let rough = length / ticks;
    let power = 10f64.powf(rough.log10().floor());
    let step = match rough / power {
        share if share < 1.5 => 1.0,
        share if share < 3.5 => 2.0,
        share if share < 7.5 => 5.0,
        _ => 10.0,
    };
    step * power
}

/// Powers of ten; where there are fewer than two of them also 2 and 5 times, then every round number between.
fn log_ticks(from: f64, to: f64) -> Vec<Tick> {
    let decades = from.log10().floor() as i32..=to.log10().ceil() as i32;
    let at_multiples = |multiples: &[f64], every: usize| -> Vec<Tick> {
        decades
            .clone()
            .step_by(every)
            .flat_map(|decade| multiples.iter().map(move |m| m * 10f64.powi(decade)))
            .filter(|at| (from * (1.0 - 1e-9)..=to * (1.0 + 1e-9)).contains(at))
            .map(|at| Tick { at, label: short(at) })
            .collect()
    };
    let every = (decades.clone().count() / 6).max(1);
    let powers = at_multiples(&[1.0], every);
    if powers.len() >= 3 {
        return powers;
    }
    let finer = at_multiples(&[1.0, 2.0, 5.0], 1);
    if finer.len() >= 3 {
        return finer;
    }
    Scale::Linear { from, to }.ticks()
}

fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((value.min(low), value.max(high))),
        })
}

/// A multiple of a step, with the digits that the step needs and no others.
fn stepped(value: f64, step: f64) -> String {
    let largest = value.abs().max(step);
    let of_step = exponent(step);
    if !(1e-5..1e9).contains(&step) || largest >= 1e9 {
        // Less than half a step away from 0 it is 0, whatever is left of a sum.
        if value.abs() < step / 2.0 {
            return "0".to_owned();
        }
        let digits = exponent(value.abs()) - of_step;
        return scientific(value, digits.max(0) as usize);
    }
    round::fixed(value, -of_step.min(0) as usize)
}

/// The power of ten of the first digit; of a power of ten its own, however it is rounded.
fn exponent(value: f64) -> i32 {
    (value.log10() + 1e-9).floor() as i32
}

/// A round number as a label has room for it: 1,000, 0.02, 5e−7.
fn short(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        return scientific(value, SHORT_DIGITS);
    }
    round::number(value)
}

/// Digits behind the first of a label on a logarithmic axis.
const SHORT_DIGITS: usize = 3;

/// A number with at most so many digits behind the first: `5e−6`, `1.25e12`.
fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    format!("{digits}e{power}").replace('-', "−")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        let scale = Scale::linear([0.3, 0.47]).rounded();
        assert_eq!(labels(&scale.ticks()), ["0.30", "0.35", "0.40", "0.45", "0.50"]);
        let scale = Scale::linear([-1200.0, 3500.0]).rounded();
        assert_eq!(
            labels(&scale.ticks()),
            ["−2,000", "−1,000", "0", "1,000", "2,000", "3,000", "4,000"]
        );
    }

    #[test]
    fn ticks_of_large_small_and_single_values_are_finite() {
        for values in [
            vec![],
            vec![5.0],
            vec![0.0],
            vec![1e-9, 3e-9],
            vec![1e12, 7e12],
            vec![f64::NAN],
        ] {
            let scale = Scale::linear(values).rounded();
            let ticks = scale.ticks();
            assert!((2..=12).contains(&ticks.len()), "{scale:?} {ticks:?}");
            assert!(ticks.iter().all(|tick| scale.place(tick.at).is_some()));
        }
    }

    #[test]
    fn a_log_scale_refuses_what_it_cannot_draw() {
        assert_eq!(Scale::log([0.0, -3.0, f64::NAN]), None);
        let scale = Scale::log([0.0, 0.01, 1.0]).unwrap();
        assert_eq!((scale.place(0.0), scale.place(-1.0)), (None, None));
        assert!((scale.place(0.1).unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn log_ticks_are_powers_of_ten_or_finer() {
        assert_eq!(labels(&log_ticks(0.002, 300.0)), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(labels(&log_ticks(3.0, 60.0)), ["5", "10", "20", "50"]);
        assert!(log_ticks(31.0, 38.0).len() >= 3);
        assert!(log_ticks(1e-12, 1e12).len() < 10);
    }

    /// What a reader takes a label for.
    fn read(label: &str) -> f64 {
        label.replace('−', "-").replace(',', "").parse().unwrap()
    }

    #[test]
    fn labels_of_every_magnitude_say_the_tick_and_no_more_digits_than_the_step() {
        for power in -12..=12 {
            let unit = 10f64.powi(power);
            for (from, to) in [
                (0.0, 1.0),
                (0.3, 2.9),
                (-1.0, 1.0),
                (-7.3, -1.1),
                (4.1, 4.7),
                (99.1, 99.9),
                (-1003.0, -999.0),
            ] {
                let scale = Scale::linear([from * unit, to * unit]).rounded();
                let Scale::Linear { from, to } = scale else { panic!("linear") };
                let step = step(to - from, TICKS);
                let ticks = scale.ticks();
                let mut before = f64::NEG_INFINITY;
                for tick in &ticks {
                    let read = read(&tick.label);
                    assert!((read - tick.at).abs() < step * 1e-3, "{scale:?} {tick:?}");
                    assert!(read > before, "{scale:?}: {ticks:?}");
                    before = read;
                    let mantissa = tick.label.split('e').next().unwrap_or_default();
                    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
                    let digits = digits.trim_matches('0').len() as i32;
                    let needed = exponent(tick.at.abs().max(step)) - exponent(step) + 1;
                    assert!(digits <= needed.max(1), "{scale:?}: {tick:?}");
                }
            }
        }
    }

    #[test]
    fn labels_of_a_logarithmic_axis_are_round_at_every_magnitude() {
        for power in -12..=11 {
            for wide in [10.0, 100.0, 1e5] {
                let from = 10f64.powi(power) * 0.9;
                for tick in log_ticks(from, from * wide) {
                    assert!((read(&tick.label) / tick.at - 1.0).abs() < 1e-3, "{tick:?}");
                    assert!(tick.label.chars().count() <= 9, "{tick:?}");
                }
            }
        }
    }

    #[test]
    fn labels_are_short() {
        let written = [0.0, 1000.0, 0.02, 5e-7, 2e7, -4.5].map(short);
        assert_eq!(written, ["0", "1,000", "0.02", "5e−7", "2e7", "−4.5"]);
        // Sums of steps such as 0.1 + 0.2 must not show their rounding.
        assert_eq!(stepped(0.1 + 0.2, 0.1), "0.3");
        assert_eq!(stepped(4.9999999999999996e-6, 5e-6), "5e−6");
        assert_eq!(short(4.9999999999999996e-6), "5e−6");
    }
}
