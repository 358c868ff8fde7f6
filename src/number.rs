//! Numbers of an experiment file that must lie in a range: plain types in the specs, checked while they are read, so that
//! the error points at the value itself.

use serde::{Deserialize, Deserializer, de::Error};

/// The most passes over the examples, and epochs to wait.
pub(crate) const MOST_EPOCHS: usize = 10_000_000;
/// The most epochs or batches that a schedule counts.
pub(crate) const MOST_STEPS: usize = 1_000_000_000;
/// The most examples of one step, and items of a group.
pub(crate) const MOST_EXAMPLES: usize = 1_000_000_000;
/// The most days or steps of a series, a window or a forecast.
pub(crate) const MOST_DAYS: usize = 10_000_000;
/// The widest layer.
pub(crate) const MOST_WIDTH: usize = 10_000_000;
/// The most layers of one list.
pub(crate) const MOST_LAYERS: usize = 1000;
/// The most augmented variants of a clip: each is another pass through the backbone.
pub(crate) const MOST_VARIANTS: usize = 10_000;
/// The longest side of a kernel or of a square that is averaged.
pub(crate) const MOST_SIDE: usize = 1001;
/// The most weights of a network: what an index of 32 bits can count.
pub(crate) const MOST_WEIGHTS: u128 = 1 << 31;
/// The most quantiles of one forecast.
const MOST_QUANTILES: usize = 99;
/// The largest learning rate, and any other number that is multiplied with gradients.
const MOST_RATE: f64 = 1e6;

/// A whole number from 1 to `MOST`.
pub(crate) fn from_one<'de, D: Deserializer<'de>, const MOST: usize>(deserializer: D) -> Result<usize, D::Error> {
    FromOne::<MOST>::deserialize(deserializer).map(|number| number.0)
}

/// The same where it may be absent.
pub(crate) fn from_one_or_none<'de, D: Deserializer<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Option<usize>, D::Error> {
    let number = Option::<FromOne<MOST>>::deserialize(deserializer)?;
    Ok(number.map(|number| number.0))
}

/// A whole number from 0 to `MOST`.
pub(crate) fn at_most<'de, D: Deserializer<'de>, const MOST: usize>(deserializer: D) -> Result<usize, D::Error> {
    whole::<D>(deserializer, 0, MOST)
}

/// A whole number from `LEAST` to `MOST`.
pub(crate) fn between<'de, D: Deserializer<'de>, const LEAST: usize, const MOST: usize>(
    deserializer: D,
) -> Result<usize, D::Error> {
    whole::<D>(deserializer, LEAST, MOST)
}

/// An odd whole number, the side of a kernel.
pub(crate) fn odd<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let number = from_one::<D, MOST_SIDE>(deserializer)?;
    if number.is_multiple_of(2) {
        return Err(D::Error::custom(format!("must be odd, found {number}")));
    }
    Ok(number)
}

/// A list of widths of layers; the list may be empty.
pub(crate) fn widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let numbers = Vec::<FromOne<MOST_WIDTH>>::deserialize(deserializer)?;
    if numbers.len() > MOST_LAYERS {
        let count = numbers.len();
        let message = format!("must hold at most {MOST_LAYERS} widths, found {count}");
        return Err(D::Error::custom(message));
    }
    Ok(numbers.into_iter().map(|number| number.0).collect())
}

/// A list of at least one width.
pub(crate) fn some_widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let numbers = widths(deserializer)?;
    if numbers.is_empty() {
        return Err(D::Error::custom("must hold at least one width"));
    }
    Ok(numbers)
}

/// A list of at least one quantile, rising.
pub(crate) fn quantiles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    struct Quantile(f64);
    impl<'de> Deserialize<'de> for Quantile {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            between_zero_and_one(deserializer).map(Self)
        }
    }
    let quantiles = Vec::<Quantile>::deserialize(deserializer)?;
    let quantiles: Vec<f64> = quantiles.into_iter().map(|quantile| quantile.0).collect();
    if quantiles.is_empty() || !quantiles.is_sorted_by(|a, b| a < b) {
        return Err(D::Error::custom(
            "must hold at least one quantile, each larger than the one before",
        ));
    }
    if quantiles.len() > MOST_QUANTILES {
        let count = quantiles.len();
        return Err(D::Error::custom(format!(
            "must hold at most {MOST_QUANTILES} quantiles, found {count}"
        )));
    }
    Ok(quantiles)
}

/// A number above 0 that steps are multiplied with.
pub(crate) fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let rule = "must be above 0 and at most 1000000";
    finite_where(deserializer, |x| x > 0.0 && x <= MOST_RATE, rule)
}

/// A finite number that is no larger than a series of numbers of 32 bits can hold.
pub(crate) fn moderate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let rule = "must lie between -100 and 100";
    finite_where(deserializer, |x| x.abs() <= 100.0, rule)
}

/// A number from 0 on that is no larger than [`moderate`] ones.
pub(crate) fn moderate_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let rule = "must be at least 0 and at most 100";
    finite_where(deserializer, |x| (0.0..=100.0).contains(&x), rule)
}

/// A finite number.
pub(crate) fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |_| true, "must be a finite number")
}

/// A finite number above 0.
pub(crate) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| x > 0.0, "must be above 0")
}

/// A number of at least 1 that something above 0 is divided by.
pub(crate) fn divisor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let rule = "must be at least 1 and at most 1000000000000";
    finite_where(deserializer, |x| (1.0..=1e12).contains(&x), rule)
}

/// A finite number above 0, which need not be there.
pub(crate) fn some_positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    positive(deserializer).map(Some)
}

/// A finite number of at least 0.
pub(crate) fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| x >= 0.0, "must be at least 0")
}

/// A share: at least 0 and below 1.
pub(crate) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| (0.0..1.0).contains(&x), "must be at least 0 and below 1")
}

/// Strictly between 0 and 1.
pub(crate) fn between_zero_and_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| 0.0 < x && x < 1.0, "must lie between 0 and 1")
}

fn finite_where<'de, D: Deserializer<'de>>(deserializer: D, accepts: fn(f64) -> bool, rule: &str) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if !number.is_finite() {
        let message = format!("must be a finite number, as 0.5, found {number}");
        return Err(D::Error::custom(message));
    }
    if accepts(number) {
        Ok(number)
    } else {
        // No row of three hundred zeros.
        let found = if number.abs() < 1e15 {
            number.to_string()
        } else {
            format!("{number:e}")
        };
        Err(D::Error::custom(format!("{rule}, found {found}")))
    }
}

/// A whole number of at least 1, as an element of a list: the error then points at the element.
struct FromOne<const MOST: usize>(usize);

impl<'de, const MOST: usize> Deserialize<'de> for FromOne<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole::<D>(deserializer, 1, MOST).map(Self)
    }
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D, least: usize, most: usize) -> Result<usize, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let found = usize::try_from(number).ok();
    let message = match found {
        Some(number) if number > most => format!("must be at most {most}, found {number}"),
        Some(number) if number >= least => return Ok(number),
        _ => format!("must be a whole number of at least {least}, found {number}"),
    };
    Err(D::Error::custom(message))
}
