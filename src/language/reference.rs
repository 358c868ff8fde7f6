//! Printed values beside an experiment: a CSV file whose columns are dotted paths and metrics. Numbers stay text, so that
//! the number of printed digits is known.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostic::Diagnostic;
use super::files::text_of;
use super::grid::Strictness;
use super::known::Known;
use super::report::OF_CLASSES;
use super::source::{SourceMap, Span};
use super::suggest::{did_you_mean_path, listed};
use super::tree::Node;

/// A row: column name → text as printed.
pub(super) type Row = BTreeMap<String, String>;

/// Reads the file that `named` names, beside the file that it stands in. Its columns are dotted paths and `values`.
pub(super) fn rows(
    named: &Node,
    known: &Known,
    values: &[&str],
    strictness: Strictness,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Row>> {
    let name = named.as_str()?;
    let beside = sources
        .file_of(named.span)
        .and_then(Path::parent)
        .unwrap_or(Path::new(""))
        .join(name);
    let (text, base) = match text_of(&beside, sources) {
        Ok(found) => found,
        Err(reason) => {
            problems.push(
                Diagnostic::at(named.span, format!("cannot read the reference: {reason}"))
                    .help("the file stands beside the TOML file that names it"),
            );
            return None;
        }
    };
    let before = problems.len();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let at = |byte: u64| {
        let start = (mark + byte as usize).min(text.len());
        let length = text[start..].find('\n').unwrap_or(text.len() - start);
        Span {
            start: base + start,
            end: base + start + length,
        }
    };
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            problems.push(Diagnostic::at(at(0), error.to_string()));
            return None;
        }
    };
    if headers.is_empty() {
        problems.push(Diagnostic::at(at(0), "the reference is empty"));
    }
    for header in &headers {
        let is_path = known.has(header) || strictness == Strictness::Changed;
        if !values.contains(&header) && !is_path {
            let names = values.iter().copied().chain(known.values.keys().map(String::as_str));
            let suggestion = did_you_mean_path(header, names);
            let start = text.find(header).map_or(base, |found| base + found);
            let span = Span {
                start,
                end: start + header.len(),
            };
            problems.push(
                Diagnostic::at(
                    span,
                    format!(
                        "the column `{header}` is no setting of a cell and no {}",
                        if values == OF_CLASSES {
                            "part of a classification report"
                        } else {
                            "metric"
                        }
                    ),
                )
                .help(format!("{suggestion}a column is a dotted path or one of {}", listed(values))),
            );
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.push(
                headers
                    .iter()
                    .zip(&record)
                    .map(|(header, text)| (header.to_owned(), text.to_owned()))
                    .collect(),
            ),
            Err(error) => {
                let byte = error.position().map_or(0, csv::Position::byte);
                let message = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("the row has {len} values, and the header {expected_len}")
                    }
                    _ => error.to_string(),
                };
                problems.push(Diagnostic::at(at(byte), message));
            }
        }
    }
    (problems.len() == before).then_some(rows)
}
