//! `where`, `rows`, `each`: which cells, in which groups, in which order.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::console::joined;
use crate::language::configuration::{leaves_below, value_at};

/// Whether a configuration has these values at these dotted paths.
pub(crate) fn matches(configuration: &Value, filter: &BTreeMap<String, Value>) -> bool {
    flatten_filter(filter)
        .iter()
        .all(|(path, wanted)| value_at(configuration, path).is_some_and(|value| compare(value, wanted).is_eq()))
}

/// The values of a `where` by dotted path: `where = { window.horizon = 1 }` reaches us as a table in a table.
pub(crate) fn flatten_filter(filter: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (path, wanted) in filter {
        leaves_below(path.clone(), wanted, &mut flat);
    }
    flat
}

/// The values at some dotted paths; `Value::Null` where a configuration has none.
pub(crate) fn values_at(configuration: &Value, paths: &[String]) -> Vec<Value> {
    paths
        .iter()
        .map(|path| value_at(configuration, path).cloned().unwrap_or_default())
        .collect()
}

/// Items by the values of their configurations at some dotted paths, in the natural order of these values.
/// Within a group the items keep their order.
pub(crate) fn groups<'a, T>(
    items: impl IntoIterator<Item = T>,
    paths: &[String],
    configuration: impl Fn(&T) -> &'a Value,
) -> Vec<(Vec<Value>, Vec<T>)> {
    let mut items: Vec<(Vec<Value>, T)> = items
        .into_iter()
        .map(|item| (values_at(configuration(&item), paths), item))
        .collect();
    items.sort_by(|(a, _), (b, _)| compare_all(a, b));
    let mut groups: Vec<(Vec<Value>, Vec<T>)> = Vec::new();
    for (values, item) in items {
        match groups.last_mut() {
            Some((known, members)) if compare_all(known, &values).is_eq() => members.push(item),
            _ => groups.push((values, vec![item])),
        }
    }
    groups
}

/// `paths`, and behind them as many more as it takes for the cells of one group to differ in nothing but their seed:
/// so no mean mixes what is not alike.
pub(crate) fn distinguishing(configurations: &[&Value], paths: &[String]) -> Vec<String> {
    let mut paths = paths.to_vec();
    let mut flat: Vec<OnceCell<BTreeMap<String, Value>>> = Vec::new();
    flat.resize_with(configurations.len(), OnceCell::new);
    let flat = |index: usize| flat[index].get_or_init(|| flatten(configurations[index]));
    loop {
        let groups = groups(0..configurations.len(), &paths, |&index| configurations[index]);
        // One alone differs from nothing.
        let mut several = groups.iter().filter(|(_, members)| members.len() > 1);
        let differing = several.find_map(|(_, members)| {
            let first = flat(members[0]);
            let names = ["dataset", "model"];
            let known: BTreeSet<&str> = members
                .iter()
                .flat_map(|&index| flat(index).keys().map(String::as_str))
                .collect();
            names.into_iter().chain(known).find(|&path| {
                // A path that is there already tells no more: its values are too close to be told apart.
                path != "seed"
                    && !paths.iter().any(|known| known == path)
                    && members.iter().any(|&index| flat(index).get(path) != first.get(path))
            })
        });
        let differing = differing.map(str::to_owned);
        match differing {
            Some(path) => paths.push(path),
            None => return paths,
        }
    }
}

/// The values that configurations have at a dotted path, each once, in natural order.
pub(crate) fn distinct(configurations: &[&Value], path: &str) -> Vec<Value> {
    let mut values: Vec<Value> = configurations.iter().filter_map(|one| value_at(one, path).cloned()).collect();
    values.sort_by(compare);
    values.dedup();
    values
}

/// What tells groups of settings from one another, in words for each group: `window.lookback = 10, train.epochs = 5 and 9`. A
/// path at which all groups have the same values says nothing; empty texts for a group alone.
pub(crate) fn told_apart(groups: &[Vec<&Value>]) -> Vec<String> {
    let flat: Vec<Vec<BTreeMap<String, Value>>> = groups
        .iter()
        .map(|group| group.iter().map(|one| flatten(one)).collect())
        .collect();
    let paths: BTreeSet<&String> = flat.iter().flatten().flat_map(BTreeMap::keys).collect();
    let mut texts = vec![Vec::new(); groups.len()];
    // Names first: a setting of one model says little before the model.
    let named = |path: &str| !matches!(path, "dataset" | "model");
    let mut paths: Vec<&String> = paths.into_iter().collect();
    paths.sort_by_key(|path| (named(path), path.matches('.').count() == 0));
    for path in paths {
        let of_groups: Vec<Vec<Value>> = flat
            .iter()
            .map(|group| {
                let mut values: Vec<Value> = group
                    .iter()
                    .map(|settings| settings.get(path).cloned().unwrap_or_default())
                    .collect();
                values.sort_by(compare);
                values.dedup();
                values
            })
            .collect();
        if of_groups.iter().all(|values| *values == of_groups[0]) {
            continue;
        }
        for (text, values) in texts.iter_mut().zip(of_groups) {
            let values: Vec<String> = values.iter().filter(|value| !value.is_null()).map(show).collect();
            if !values.is_empty() {
                text.push(setting(path, &joined(&values, "and")));
            }
        }
    }
    texts.iter().map(|text| text.join(", ")).collect()
}

/// What tells settings from others of the same name; empty texts for a name that is there once.
pub(crate) fn told_apart_by_name(named: &[(&str, &Value)]) -> Vec<String> {
    let told = |(name, settings): &(&str, &Value)| {
        let alike = named.iter().filter(|(other, _)| other == name);
        let alike: Vec<Vec<&Value>> = alike.map(|(_, settings)| vec![*settings]).collect();
        let place = alike.iter().position(|one| std::ptr::eq(one[0], *settings));
        told_apart(&alike).swap_remove(place.unwrap_or_default())
    };
    named.iter().map(told).collect()
}

/// A setting in a title: names stand alone, other values behind their path.
pub(crate) fn setting(path: &str, value: &str) -> String {
    match path {
        "dataset" | "model" => value.to_owned(),
        _ => format!("{path} = {value}"),
    }
}

/// Every setting of a configuration by its dotted path, as a user writes it; see [`value_at`].
pub(crate) fn flatten(configuration: &Value) -> BTreeMap<String, Value> {
    let mut settings = BTreeMap::new();
    for (name, value) in configuration.as_object().into_iter().flatten() {
        match value.get("name").and_then(Value::as_str) {
            Some(named) if matches!(&**name, "dataset" | "model") => {
                settings.insert(name.clone(), Value::from(named));
                let mut value = value.clone();
                if let Some(table) = value.as_object_mut() {
                    table.remove("name");
                }
                leaves_below(format!("{name}.{named}"), &value, &mut settings);
            }
            _ => leaves_below(name.clone(), value, &mut settings),
        }
    }
    settings
}

/// A natural order: nothing first, then numbers by size, text by letters, lists by their items, the rest as JSON.
pub(crate) fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let number = |x: &serde_json::Number| x.as_f64().unwrap_or(f64::NAN);
            number(a).total_cmp(&number(b))
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => compare_all(a, b),
        _ => rank(a).cmp(&rank(b)).then_with(|| a.to_string().cmp(&b.to_string())),
    }
}

fn compare_all(a: &[Value], b: &[Value]) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| compare(a, b))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Whether a text of a printed table means this value.
pub(crate) fn is_written(value: &Value, text: &str) -> bool {
    let text = text.trim();
    match value.as_f64() {
        Some(number) => text.parse() == Ok(number),
        None => show(value) == text,
    }
}

/// A value of a configuration as a reader wants to see it: text without quotes, the rest as TOML would write it.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(table) => {
            let entries: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", show(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_matches_dotted_paths_and_nested_tables() {
        let configuration = json!({"dataset": {"name": "monero"}, "window": {"horizon": 3}});
        let filter = |value: Value| -> BTreeMap<String, Value> {
            value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        assert!(matches(
            &configuration,
            &filter(json!({"dataset": "monero", "window.horizon": 3}))
        ));
        assert!(matches(&configuration, &filter(json!({"window": {"horizon": 3.0}}))));
        assert!(!matches(&configuration, &filter(json!({"window.horizon": 7}))));
        assert!(!matches(&configuration, &filter(json!({"train.epochs": 7}))));
    }

    #[test]
    fn groups_follow_the_size_of_numbers() {
        let cells = [json!({"h": 10}), json!({"h": 9}), json!({"h": 10.0}), json!({})];
        let found = groups(0..cells.len(), &["h".to_owned()], |&index| &cells[index]);
        let sizes: Vec<(String, usize)> = found.iter().map(|(values, cells)| (show(&values[0]), cells.len())).collect();
        assert_eq!(sizes, [("–".to_owned(), 1), ("9".to_owned(), 1), ("10".to_owned(), 2)]);
    }

    #[test]
    fn what_tells_groups_apart_is_what_differs() {
        let cell = |model: &str, lookback: u64, epochs: u64| {
            json!({
                "model": {"name": model, "kind": "lstm", "hidden": [4]}, "window": {"lookback": lookback},
                "train": {"epochs": epochs}
            })
        };
        let (a, b, c) = (cell("a", 10, 5), cell("a", 20, 5), cell("a", 20, 9));
        let texts = told_apart(&[vec![&a], vec![&b, &c]]);
        assert_eq!(
            texts,
            [
                "train.epochs = 5, window.lookback = 10",
                "train.epochs = 5 and 9, window.lookback = 20"
            ]
        );
        assert_eq!(told_apart(&[vec![&b, &c]]), [""]);
        let other = cell("b", 10, 5);
        let texts = told_apart(&[vec![&a], vec![&other]]);
        assert!(texts[0].starts_with("a") && texts[1].starts_with("b"), "{texts:?}");
    }

    #[test]
    fn a_group_differs_in_nothing_but_its_seed() {
        let cell = |model: &str, batch: u64, seed: u64| {
            json!({
                "model": {"name": model, "kind": "lstm", "hidden": [batch]}, "seed": seed, "train": {"batch_size": batch}
            })
        };
        let cells = [cell("a", 32, 0), cell("a", 32, 1), cell("a", 64, 0), cell("b", 32, 0)];
        let cells: Vec<&Value> = cells.iter().collect();
        let rows = |paths: &[&str], count: usize| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            distinguishing(&cells[..count], &paths)
        };
        assert_eq!(rows(&["model"], 2), ["model"]);
        assert_eq!(rows(&["train.batch_size"], 4), ["train.batch_size", "model"]);
        assert_eq!(rows(&["model"], 4), ["model", "model.a.hidden"]);
    }
}
