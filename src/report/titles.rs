//! Titles of tables, comparisons and figures: no two of an experiment are the same.

use std::collections::BTreeMap;

use serde_json::Value;

use super::select::{flatten_filter, setting, show};

/// What must follow each of these titles so that no two are the same: of what `told` says of them, place by place, as much as
/// tells them apart. Empty for a title that no other one is equal to.
pub(crate) fn suffixes(titles: &[String], told: &[Vec<String>]) -> Vec<String> {
    let mut suffixes = vec![String::new(); titles.len()];
    let places = told.iter().map(Vec::len).max().unwrap_or_default();
    for place in 0..places {
        let full: Vec<String> = titles
            .iter()
            .zip(&suffixes)
            .map(|(title, suffix)| format!("{title}{suffix}"))
            .collect();
        let says = |index: usize| told[index].get(place).map_or("", String::as_str);
        for index in 0..titles.len() {
            let differs = (0..titles.len()).any(|other| full[other] == full[index] && says(other) != says(index));
            if differs && !says(index).is_empty() {
                suffixes[index] += &format!(", {}", says(index));
            }
        }
    }
    suffixes
}

/// Numbers titles that are the same: `Errors`, `Errors (2)`.
pub(crate) fn numbered(mut titles: Vec<&mut String>) {
    let mut known: Vec<String> = Vec::new();
    for title in &mut titles {
        let mut number = 1;
        let mut unique = title.clone();
        while known.contains(&unique) {
            number += 1;
            unique = format!("{title} ({number})");
        }
        known.push(unique.clone());
        **title = unique;
    }
}

/// A `where` in words: `litecoin, window.horizon = 1`.
pub(crate) fn filter(filter: &BTreeMap<String, Value>) -> String {
    let settings = flatten_filter(filter);
    list(settings.iter().map(|(path, value)| setting(path, &show(value))))
}

/// Texts behind one another.
pub(crate) fn list(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_follows_equal_titles_and_the_rest_is_numbered() {
        let row = |texts: [&str; 3]| texts.map(str::to_owned);
        let rows = [
            row(["Errors", "litecoin", "table"]),
            row(["Errors", "monero", "table"]),
            row(["Errors", "monero", "figure"]),
            row(["Forecasts", "monero", "table"]),
            row(["Errors", "", "table"]),
            row(["Errors", "", "table"]),
        ];
        let titles: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
        let told: Vec<Vec<String>> = rows.iter().map(|row| row[1..].to_vec()).collect();
        let suffixes = suffixes(&titles, &told);
        let mut full: Vec<String> = titles
            .iter()
            .zip(&suffixes)
            .map(|(title, suffix)| format!("{title}{suffix}"))
            .collect();
        numbered(full.iter_mut().collect());
        assert_eq!(
            full,
            [
                "Errors, litecoin",
                "Errors, monero, table",
                "Errors, monero, figure",
                "Forecasts",
                "Errors",
                "Errors (2)"
            ]
        );
    }
}
