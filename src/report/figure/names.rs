//! How axes and sentences call the values of a history and the metrics.

/// The label of an axis with the unit: `validation_mse` of prices in USD is `MSE, validation (USD²)`.
pub fn axis(name: &str, unit: &str) -> String {
    let (base, which) = split(name);
    let unit = match base {
        "mse" if !unit.is_empty() => format!("{unit}²"),
        "mae" | "rmse" | "max_error" | "bias" => unit.to_owned(),
        "mape" | "smape" => "%".to_owned(),
        "loss" => "of scaled values".to_owned(),
        _ => String::new(),
    };
    let label = format!("{}{which}", short(base));
    if unit.is_empty() {
        label
    } else {
        format!("{label} ({unit})")
    }
}

/// The words for a sentence: `validation_mse` is `mean squared error, validation`.
pub fn long(name: &str) -> String {
    let (base, which) = split(name);
    let words = match base {
        "mse" => "mean squared error",
        "rmse" => "root mean squared error",
        "mae" => "mean absolute error",
        "mape" => "mean absolute percentage error",
        "loss" => "loss",
        "accuracy" => "accuracy",
        "learning_rate" => "learning rate",
        other => return format!("{other}{which}"),
    };
    format!("{words}{which}")
}

/// `a`, `a and b`, `a, b and c`; the first letter is large.
pub fn sentence_list(items: &[String]) -> String {
    let list = match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    let mut letters = list.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn split(name: &str) -> (&str, &str) {
    match name.strip_prefix("validation_") {
        Some(base) => (base, ", validation"),
        None => (name, ""),
    }
}

fn short(base: &str) -> String {
    match base {
        "mse" | "mae" | "rmse" | "mape" | "smape" | "auc" => base.to_uppercase(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_squares_are_squared() {
        assert_eq!(axis("mse", "USD"), "MSE (USD²)");
        assert_eq!(axis("validation_mae", "USD"), "MAE, validation (USD)");
        assert_eq!(axis("accuracy", ""), "accuracy");
    }

    #[test]
    fn lists_read_as_sentences() {
        let items = ["loss", "mse", "mae"].map(str::to_owned);
        assert_eq!(sentence_list(&items), "Loss, mse and mae");
        assert_eq!(sentence_list(&items[..1]), "Loss");
    }
}
