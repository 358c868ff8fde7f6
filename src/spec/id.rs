//! Values as an id shows them: short, and different for different values.
//!
//! Ids are names of files, so a character that a file system or a list could take for something else is written as its
//! code, `%2F`.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::grid::Setting;
use super::tree::{Node, Value};

/// The longest id in bytes: a file's name may have 255 on most systems, and gets an ending.
const LONGEST: usize = 200;

/// The id of a cell from its names and those of its settings that tell it apart.
pub fn of_cell(dataset: &str, model: &str, telling: &[&Setting]) -> String {
    let mut parts: Vec<(String, String)> = telling
        .iter()
        .map(|setting| (setting.path.join("."), of_node(&setting.value)))
        .collect();
    parts.push(("dataset".to_owned(), dataset.to_owned()));
    parts.push(("model".to_owned(), model.to_owned()));
    parts.sort();
    joined(&parts)
}

/// The id that cells share which differ in nothing but their seed.
pub fn without_seed(id: &str) -> String {
    let mut depth = 0_i32;
    // A value may hold commas and a seed of its own: `split={kind=group,seed=1}`.
    let parts = id.split(|c| {
        depth += match c {
            '{' | '[' => 1,
            '}' | ']' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    let parts = parts.filter(|part| !part.starts_with("seed="));
    parts.collect::<Vec<_>>().join(",")
}

/// A value of a file.
pub fn of_node(node: &Node) -> String {
    of_json(&to_json(node))
}

/// A value of a configuration.
pub fn of_json(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(number) => number
            .as_f64()
            .filter(|_| number.is_f64())
            .map_or_else(|| number.to_string(), of_float),
        Json::String(text) => escaped(text),
        Json::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(of_json).collect();
            format!("[{}]", elements.join(","))
        }
        Json::Object(entries) => {
            if let (1, Some(Json::String(kind))) = (entries.len(), entries.get("kind")) {
                return escaped(kind);
            }
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}={}", escaped(key), of_json(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// A value of a file without its place.
fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::String(text) | Value::Datetime(text) => Json::from(text.as_str()),
        Value::Integer(number) => i64::try_from(*number)
            .map(Json::from)
            .or_else(|_| u64::try_from(*number).map(Json::from))
            .unwrap_or_default(),
        Value::Float(number) => Json::from(*number),
        Value::Boolean(truth) => Json::from(*truth),
        Value::List(elements) => elements.iter().map(to_json).collect(),
        Value::Table(table) => table
            .entries
            .iter()
            .map(|entry| (entry.key.clone(), to_json(&entry.node)))
            .collect(),
        Value::Wrong => Json::Null,
    }
}

/// An id from its parts; one that is too long for a file's name is cut and ends in a hash of all of it.
fn joined(parts: &[(String, String)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let id = parts.join(",");
    if id.len() <= LONGEST {
        return id;
    }
    let mut cut = LONGEST - 14;
    while !id.is_char_boundary(cut) {
        cut -= 1;
    }
    let hash = blake3::hash(id.as_bytes()).to_hex();
    format!("{}~{}", &id[..cut], &hash[..12])
}

/// The shortest text that reads as the same number; `1` and `1.0` are one value.
fn of_float(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | ' ') {
            out.push(character);
        } else {
            for byte in character.to_string().bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_short_and_safe_in_a_file_name() {
        for (value, shown) in [
            (json!("litecoin"), "litecoin"),
            (json!(3), "3"),
            (json!(3.0), "3"),
            (json!(0.1), "0.1"),
            (json!(1e-7), "1e-7"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!([30, 50]), "[30,50]"),
            (json!("crypto/a,b.csv"), "crypto%2Fa%2Cb.csv"),
            (json!({"kind": "adam"}), "adam"),
            (
                json!({"kind": "sgd", "momentum": 0.9}),
                "{kind=sgd,momentum=0.9}",
            ),
        ] {
            assert_eq!(of_json(&value), shown);
        }
    }

    #[test]
    fn a_long_id_is_cut_and_stays_apart_from_others() {
        let long = |end: &str| joined(&[("x".to_owned(), format!("{}{end}", "é".repeat(150)))]);
        assert!(long("a").len() <= LONGEST);
        assert_ne!(long("a"), long("b"));
    }
}
