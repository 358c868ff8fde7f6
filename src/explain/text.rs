//! An explanation as a person reads it: what is as it was in a line each, what decides with its place.

use std::fmt;

use serde_json::Value;

use super::key::{Amount, DataPart, Part, Setting};
use super::{Explanation, Found};
use crate::console::{counted, cut};
use crate::language::whence::GivenBy;

/// The most characters of a value.
const MOST_VALUE: usize = 60;

/// So many characters of a digest tell it from others.
const DIGEST: usize = 8;

/// One line of the key.
struct Line {
    name: String,
    values: String,
    mark: &'static str,
    note: String,
}

const DECIDES: &str = "← decides";
const SAME: &str = "the same";

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key();
        // What makes it stale stands below, part by part.
        let is_told = self.state == "stale" && key.iter().any(|line| line.mark == DECIDES);
        let state = match (&self.running, is_told) {
            (_, false) => self.reason.clone(),
            (None, true) => self.state.to_owned(),
            (Some(running), true) => format!("{}; running {running}", self.state),
        };
        writeln!(f, "{}/{}: {state}", self.experiment, self.id)?;
        if let Some(record) = &self.record {
            section(f, "record", &of_record(record))?;
        }
        section(f, "key", &aligned(&key))?;
        if let Some(failure) = &self.failure {
            let again = match failure.tried_again {
                true => "the next sweep tries it again",
                false => "not tried again unless `--retry-failed` asks for it",
            };
            let told = [failure.error.clone(), format!("log: {}", failure.log), again.to_owned()];
            section(f, "failed", &told)?;
        }
        if let Some(nearest) = &self.nearest {
            let differs = match nearest.differs[..] {
                // Else the sweep would take it.
                [] => "of the same key, but not what this program writes".to_owned(),
                _ => format!("differs in {}", nearest.differs.join(", ")),
            };
            section(f, "nearest", &[format!("{}/{}", self.experiment, nearest.id), differs])?;
        }
        let reused = self.reused.iter();
        let reused: Vec<String> = reused
            .map(|one| format!("{}: {} ({})", one.what, one.path, one.how))
            .collect();
        section(f, "reused", &reused)?;
        section(f, "next", &self.next.does)
    }
}

impl Explanation {
    fn key(&self) -> Vec<Line> {
        let key = &self.key;
        let mut lines = Vec::new();
        let decide = key.settings.iter().filter(|setting| setting.decides);
        lines.extend(decide.map(of_setting));
        let others = key.settings.iter().filter(|setting| setting.counts && !setting.decides);
        lines.push(self.alike("settings", others_of(others.count(), !lines.is_empty()), String::new()));
        lines.push(self.of_data(&key.data));
        lines.extend(key.weights.as_ref().map(|weights| self.of_weights(weights)));
        let decide = key.code.iter().filter(|part| part.decides);
        lines.extend(decide.map(|part| Line {
            name: format!("code of {}", part.part),
            values: change(&part.record, &part.now),
            mark: DECIDES,
            note: "by this version of runner".to_owned(),
        }));
        let others = key.code.iter().filter(|part| !part.decides).count();
        let is_rest = others < key.code.len();
        lines.push(self.alike("parts of the code", others_of(others, is_rest), String::new()));
        let idle = key
            .settings
            .iter()
            .filter(|setting| !setting.counts && setting.record != setting.now);
        if self.record.is_some() {
            lines.extend(idle.map(|setting| Line {
                name: setting.path.clone(),
                values: change(&setting.record, &setting.now),
                mark: "does not count",
                note: String::new(),
            }));
        }
        lines
    }

    /// What has not changed, or is compared with nothing.
    fn alike(&self, name: &str, values: String, note: String) -> Line {
        Line {
            name: name.to_owned(),
            values,
            mark: if self.record.is_some() { SAME } else { "" },
            note,
        }
    }

    fn of_data(&self, data: &DataPart) -> Line {
        let short = |digest: &Option<String>| {
            digest
                .as_ref()
                .map_or("none".to_owned(), |digest| digest.chars().take(DIGEST).collect())
        };
        let source = data.source.as_deref().unwrap_or_default();
        let today = data.today.as_ref().map(amount).unwrap_or_default();
        if data.now.is_none() {
            return Line {
                mark: "not checked",
                ..self.alike("data", short(&data.record), data.state.to_owned())
            };
        }
        if !data.decides {
            return self.alike("data", short(&data.now), format!("{source}: {today}"));
        }
        let note = match &data.then {
            Some(then) if data.today.as_ref() == Some(then) => format!("{source}: {today} as before, with other values"),
            Some(then) => format!("{source}: {} → {today}", amount(then)),
            None => format!("{source}: {today} now, not known how many then"),
        };
        Line {
            name: "data".to_owned(),
            values: format!("{} → {}", short(&data.record), short(&data.now)),
            mark: DECIDES,
            note,
        }
    }

    fn of_weights(&self, weights: &Part) -> Line {
        let short = |digest: &Value| {
            digest
                .as_str()
                .map_or("none".to_owned(), |digest| digest.chars().take(DIGEST).collect())
        };
        let (before, after) = (short(&weights.record), short(&weights.now));
        match weights.decides {
            true => Line {
                name: "weights".to_owned(),
                values: format!("{before} → {after}"),
                mark: DECIDES,
                note: "the bytes of the frozen network's weights".to_owned(),
            },
            false => self.alike("weights", if weights.now.is_null() { before } else { after }, String::new()),
        }
    }
}

/// `28 others`
fn others_of(count: usize, is_rest: bool) -> String {
    match is_rest {
        true => counted(count, "other"),
        false => format!("all {count}"),
    }
}

fn of_record(record: &Found) -> Vec<String> {
    let mut lines = vec![record.path.clone()];
    lines.extend(
        record
            .started
            .as_ref()
            .and_then(Value::as_str)
            .map(|started| format!("made {started}")),
    );
    if !record.taken_from.is_empty() {
        lines.push(format!("taken from {}", record.taken_from.join(", then ")));
    }
    lines
}

fn of_setting(setting: &Setting) -> Line {
    let note = match &setting.whence {
        None if setting.now.is_null() => "no longer said".to_owned(),
        None => "a default".to_owned(),
        Some(whence) => match whence.by {
            GivenBy::File | GivenBy::Option => whence.place.clone(),
            GivenBy::Extended => format!("{} (extended)", whence.place),
            GivenBy::Grid => format!("{} (an axis)", whence.place),
        },
    };
    Line {
        name: setting.path.clone(),
        values: change(&setting.record, &setting.now),
        mark: DECIDES,
        note,
    }
}

/// `3 → 4`
fn change(before: &Value, after: &Value) -> String {
    let shown = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        value => cut(&value.to_string(), MOST_VALUE),
    };
    format!("{} → {}", shown(before), shown(after))
}

/// `57 rows until 2024-02-29`
fn amount(amount: &Amount) -> String {
    let Amount { items, noun, until } = amount;
    let until = until.as_ref().map(|day| format!(" until {day}"));
    format!("{items} {noun}{}", until.unwrap_or_default())
}

/// Lines whose parts stand below one another.
fn aligned(lines: &[Line]) -> Vec<String> {
    let widest = |part: fn(&Line) -> &str| lines.iter().map(|line| part(line).chars().count()).max().unwrap_or(0);
    let [name, values, mark] = [
        widest(|line| &line.name),
        widest(|line| &line.values),
        widest(|line| line.mark),
    ];
    let shown = |line: &Line| {
        let text = format!(
            "{:name$}  {:values$}  {:mark$}  {}",
            line.name, line.values, line.mark, line.note
        );
        text.trim_end().to_owned()
    };
    lines.iter().map(shown).collect()
}

/// Lines below a word that stands before the first of them.
fn section(f: &mut fmt::Formatter<'_>, word: &str, lines: &[String]) -> fmt::Result {
    for (index, line) in lines.iter().flat_map(|line| line.lines()).enumerate() {
        let word = if index == 0 { word } else { "" };
        writeln!(f, "{word:8} {line}")?;
    }
    Ok(())
}
