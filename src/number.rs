//! Numbers of an experiment file that must lie in a range: plain types in the specs, checked while they are read, so that
//! the error points at the value itself.

use serde::{Deserialize, Deserializer, de::Error};

/// A whole number of at least 1.
pub fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    AtLeastOne::deserialize(deserializer).map(|number| number.0)
}

/// An odd whole number of at least 1.
pub fn odd<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let number = at_least_one(deserializer)?;
    if number.is_multiple_of(2) {
        return Err(D::Error::custom(format!("must be odd, found {number}")));
    }
    Ok(number)
}

/// A list of whole numbers, each at least 1; the list may be empty.
pub fn widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let numbers = Vec::<AtLeastOne>::deserialize(deserializer)?;
    Ok(numbers.into_iter().map(|number| number.0).collect())
}

/// A list of at least one whole number, each at least 1.
pub fn some_widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let numbers = widths(deserializer)?;
    if numbers.is_empty() {
        return Err(D::Error::custom("must hold at least one width"));
    }
    Ok(numbers)
}

/// A finite number.
pub fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |_| true, "must be a finite number")
}

/// A finite number above 0.
pub fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| x > 0.0, "must be above 0")
}

/// A finite number of at least 0.
pub fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(deserializer, |x| x >= 0.0, "must be at least 0")
}

/// A share: at least 0 and below 1.
pub fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(
        deserializer,
        |x| (0.0..1.0).contains(&x),
        "must be at least 0 and below 1",
    )
}

/// Strictly between 0 and 1.
pub fn between_zero_and_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    finite_where(
        deserializer,
        |x| 0.0 < x && x < 1.0,
        "must lie between 0 and 1",
    )
}

fn finite_where<'de, D: Deserializer<'de>>(
    deserializer: D,
    accepts: fn(f64) -> bool,
    rule: &str,
) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number.is_finite() && accepts(number) {
        Ok(number)
    } else {
        Err(D::Error::custom(format!("{rule}, found {number}")))
    }
}

/// A whole number of at least 1, as an element of a list: the error then points at the element.
struct AtLeastOne(usize);

impl<'de> Deserialize<'de> for AtLeastOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            number @ 1.. => Ok(Self(number as usize)),
            number => Err(D::Error::custom(format!(
                "must be a whole number of at least 1, found {number}"
            ))),
        }
    }
}
