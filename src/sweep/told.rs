//! What a reader is told of a cell: the same words in `list`, in a sweep and in the report.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of a cell and its reason, without the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// A valid record.
    Done,
    /// A record that is valid as far as can be told without the data.
    DoneUnchecked,
    /// No record.
    Missing,
    /// A record that something has changed since.
    Stale(Vec<String>),
    /// It was tried with these very settings, and failed.
    Failed {
        /// What went wrong.
        error: String,
        /// Where the log is; empty where there is none.
        log: String,
    },
    /// It cannot run: its data are wrong, or its record is not for this program to replace.
    Wrong(String),
    /// Its data are not here.
    Blocked(String),
    /// It asks for a GPU.
    Skipped,
}

impl Told {
    /// The words for each state, in the order in which they ask for attention.
    pub(crate) const NAMES: [&'static str; 6] = ["failed", "blocked", "skipped", "stale", "missing", "done"];

    /// The state alone, without its reason: one of [`Told::NAMES`].
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done | Self::DoneUnchecked => "done",
            Self::Missing => "missing",
            Self::Stale(_) => "stale",
            Self::Failed { .. } | Self::Wrong(_) => "failed",
            Self::Blocked(_) => "blocked",
            Self::Skipped => "skipped",
        }
    }

    /// The reason alone; empty where the state says everything.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Done | Self::Missing => String::new(),
            Self::DoneUnchecked => "data not checked".to_owned(),
            Self::Stale(changes) => changes.join(", "),
            Self::Failed { error, .. } => error.clone(),
            Self::Wrong(reason) | Self::Blocked(reason) => reason.clone(),
            Self::Skipped => "needs cuda".to_owned(),
        }
    }

    /// Where the log of a cell that failed is; empty where there is none.
    pub(crate) fn log(&self) -> &str {
        match self {
            Self::Failed { log, .. } => log,
            _ => "",
        }
    }

    /// Whether there is a valid record.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done | Self::DoneUnchecked)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, reason) = (self.name(), self.reason());
        match self {
            Self::Done | Self::Missing => f.write_str(name),
            Self::DoneUnchecked => write!(f, "{name} ({reason})"),
            Self::Failed { log, .. } if !log.is_empty() => {
                write!(f, "{name}: {reason} (log: {log})")
            }
            _ => write!(f, "{name}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_words() {
        let failed = |log: &str| Told::Failed {
            error: "loss is NaN".to_owned(),
            log: log.to_owned(),
        };
        let shown: Vec<String> = [
            Told::Done,
            Told::DoneUnchecked,
            Told::Missing,
            Told::Stale(vec!["train.epochs 5 → 9".to_owned(), "the data".to_owned()]),
            failed("a.log"),
            failed(""),
            Told::Wrong("a.csv:3: no number".to_owned()),
            Told::Blocked("a.csv is not here".to_owned()),
            Told::Skipped,
        ]
        .iter()
        .inspect(|told| assert!(Told::NAMES.contains(&told.name())))
        .map(ToString::to_string)
        .collect();
        assert_eq!(
            shown,
            [
                "done",
                "done (data not checked)",
                "missing",
                "stale: train.epochs 5 → 9, the data",
                "failed: loss is NaN (log: a.log)",
                "failed: loss is NaN",
                "failed: a.csv:3: no number",
                "blocked: a.csv is not here",
                "skipped: needs cuda"
            ]
        );
    }
}
