//! Values as filters, messages and the names of cells write them: short, and different for different values.
//!
//! A character that a list or a file system could take for something else is written as its code, `%2F`.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::tree::{Node, Value};

/// A value of a file.
pub(super) fn of_node(node: &Node) -> String {
    of_json(&to_json(node))
}

/// A value of a configuration.
pub(super) fn of_json(value: &Json) -> String {
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
    fn values_are_short_and_safe_in_a_list() {
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
            (json!({"kind": "sgd", "momentum": 0.9}), "{kind=sgd,momentum=0.9}"),
        ] {
            assert_eq!(of_json(&value), shown);
        }
    }
}
