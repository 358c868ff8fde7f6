//! Configurations → what is the same in every cell, and what varies.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Entry;
use crate::data;
use crate::report::select;
use crate::store::card::Card;

/// The settings of the planned cells: those with one value in every cell that has them, and the others with all of
/// their values.
pub(super) fn shared_and_varied(card: &Card) -> (Vec<Entry>, Vec<Entry>) {
    let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for cell in card.configurations() {
        for (path, value) in select::flatten(&data::without_idle(cell)) {
            let known = values.entry(path).or_default();
            if let Err(place) = known.binary_search_by(|other| select::compare(other, &value)) {
                known.insert(place, value);
            }
        }
    }
    let (shared, varied): (Vec<_>, Vec<_>) = values.into_iter().partition(|(_, values)| values.len() == 1);
    let entries = |settings: Vec<(String, Vec<Value>)>| {
        settings
            .into_iter()
            .map(|(path, values)| Entry::new(path, listed(&values)))
            .collect()
    };
    (entries(shared), entries(varied))
}

/// One configuration as the experiment file would say it.
pub(super) fn toml(configuration: &Value) -> String {
    let mut file = Map::new();
    let configuration = data::without_idle(configuration);
    for (name, value) in configuration.as_object().into_iter().flatten() {
        let mut value = value.clone();
        let named = match value.as_object_mut() {
            Some(table) if matches!(&**name, "dataset" | "model") => table.remove("name"),
            _ => None,
        };
        let value = match named.as_ref().and_then(Value::as_str) {
            Some(named) => Value::Object(Map::from_iter([(named.to_owned(), value)])),
            None => value,
        };
        file.insert(name.clone(), value);
    }
    let text = toml::to_string(&Value::Object(file));
    text.unwrap_or_else(|_| configuration.to_string()) // TOML knows no null, and no configuration has one
}

/// Values for a reader: `0 to 4` for whole numbers in a row, else all of them.
pub(super) fn listed(values: &[Value]) -> String {
    let whole: Option<Vec<i64>> = values.iter().map(Value::as_i64).collect();
    if let Some([first, .., last]) = whole.as_deref()
        && values.len() > 2
        && last - first + 1 == values.len() as i64
    {
        return format!("{first} to {last}");
    }
    values.iter().map(select::show).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::sample;

    #[test]
    fn what_varies_is_told_apart() {
        let experiment = sample::experiment(&sample::study(&[1, 3], 1), ReportSpec::default());
        let (shared, varied) = shared_and_varied(&experiment.card);
        let varied: Vec<String> = varied
            .into_iter()
            .map(|entry| format!("{} {}", entry.name, entry.text))
            .collect();
        assert_eq!(
            varied,
            [
                "dataset litecoin, monero",
                "model hybrid, lstm, naive",
                "seed 0 to 2",
                "window.horizon 1, 3"
            ]
        );
        assert!(shared.contains(&Entry::new("train.epochs", "20")));
        assert!(shared.contains(&Entry::new("model.lstm.hidden", "[30]")));
    }

    #[test]
    fn a_configuration_reads_like_its_file() {
        let sample = sample::study(&[3], 1)[0];
        insta::assert_snapshot!(toml(&sample.configuration()));
    }
}
