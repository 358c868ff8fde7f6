//! How axes and sentences call metrics and the values of a history.

use crate::metric;
use crate::task::Task;

/// The label of an axis with the unit: `validation_mse` of prices in USD is `MSE, validation (USD²)`.
pub(super) fn axis(name: &str, unit: &str, task: &'static Task) -> String {
    let (base, which) = split(name);
    let (label, unit) = match (metric::find(base), base) {
        (Some(metric), _) => (metric.label.to_owned(), metric.unit.of_target(unit)),
        (None, "loss") => ("Loss".to_owned(), task.of_loss.to_owned()),
        (None, other) => (spaced(other), String::new()),
    };
    with_unit(&format!("{label}{which}"), &unit)
}

/// A label and its unit in brackets, where it has one.
pub(super) fn with_unit(label: &str, unit: &str) -> String {
    if unit.is_empty() {
        label.to_owned()
    } else {
        format!("{label} ({unit})")
    }
}

/// The words for a sentence: `validation_mse` is `MSE on the validation set`.
pub(super) fn long(name: &str) -> String {
    let (base, which) = split(name);
    let words = match metric::find(base) {
        Some(metric) => metric.label.to_owned(),
        None => spaced(base),
    };
    match which {
        "" => words,
        _ => format!("{words} on the validation set"),
    }
}

/// `a`, `a and b`, `a, b and c`, with a capital letter.
pub(super) fn sentence_list(items: &[String]) -> String {
    let list = match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    let mut letters = list.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn split(name: &str) -> (&str, &str) {
    match name.strip_prefix("validation_") {
        Some(base) => (base, ", validation"),
        None => (name, ""),
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use crate::task::{BINARY, REGRESSION};

    use super::*;

    #[test]
    fn units_of_squares_are_squared() {
        let axis = |name, unit| super::axis(name, unit, &REGRESSION);
        assert_eq!(axis("mse", "USD"), "MSE (USD²)");
        assert_eq!(axis("validation_mae", "USD"), "MAE, validation (USD)");
        assert_eq!(axis("accuracy", ""), "Accuracy");
        assert_eq!(axis("learning_rate", "USD"), "learning rate");
        assert_eq!(axis("loss", "USD"), "Loss (of scaled values)");
        let of_clips = super::axis("validation_loss", "", &BINARY);
        assert_eq!(of_clips, "Loss, validation (cross-entropy, nats)");
    }

    #[test]
    fn lists_read_as_sentences() {
        let items = ["loss", "mse", "mae"].map(str::to_owned);
        assert_eq!(sentence_list(&items), "Loss, mse and mae");
        assert_eq!(sentence_list(&items[..1]), "Loss");
    }
}
