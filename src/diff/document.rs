//! A comparison and what its guards say → all that is said of it, once: the terminal, Markdown and the page only print it.
//!
//! Every text is one line that nothing acts on ([`plain`]).

use serde::Serialize;

use super::plain::{label, plain};
use super::regression::{Judgement, Regression};
use super::{Comparison, Effect, Experiment, Group};
use crate::console::counted;
use crate::judge::round;

/// Lists are cut after so many, but for those of a page.
pub(super) const MOST_LISTED: usize = 20;

/// What is said of a comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    pub(super) before: String,
    pub(super) after: String,
    /// How much differs.
    pub(super) counts: String,
    /// Why the comparison does not pass: what the guards forbid, and what they could not look at.
    pub(super) failures: Vec<Failure>,
    /// What is gone as it was allowed to be.
    pub(super) allowed: Vec<String>,
    pub(super) experiments: Vec<Chapter>,
    /// Records that cannot be compared, with the reason.
    pub(super) unreadable: Vec<String>,
    /// Records of cells that are no longer planned.
    pub(super) unplanned: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Failure {
    /// `regression` or `not checked`.
    pub word: &'static str,
    /// The experiment and the group that got worse; empty where nothing could be looked at.
    pub group: String,
    /// What got worse, or why nothing could be looked at.
    pub text: String,
}

/// One experiment that differs.
#[derive(Debug, Serialize)]
pub(super) struct Chapter {
    pub name: String,
    pub sections: Vec<Section>,
    /// Cells that only one side has, where there are any.
    pub lists: Vec<List>,
}

/// Cells that differ only in their seed.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    /// Its place among all sections, from 0.
    pub number: usize,
    pub id: String,
    /// ` · 2 of 3 seeds changed`, where there are several.
    pub seeds: String,
    pub settings: Vec<String>,
    /// What else of the key changed.
    pub parts: Vec<String>,
    pub rows: Vec<Row>,
    /// Metrics that some of their records lack.
    pub lacking: Vec<String>,
}

/// One metric before and after.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub label: String,
    pub before: String,
    pub after: String,
    pub change: String,
    pub verdict: String,
    pub tone: Tone,
}

/// Which way a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tone {
    Good,
    Bad,
    /// Neither, or nobody can say.
    #[serde(rename = "")]
    Neither,
}

/// Cells that only one side has.
#[derive(Debug, Serialize)]
pub(super) struct List {
    /// `+` or `-`.
    pub sign: char,
    /// `added` or `removed`.
    pub word: &'static str,
    pub ids: Vec<String>,
}

impl Document {
    /// What is said of a comparison and of what its guards make of it.
    pub(crate) fn of(comparison: &Comparison, judgement: &Judgement) -> Self {
        let unchecked = judgement.unchecked.iter().map(|reason| Failure {
            word: "not checked",
            group: String::new(),
            text: reason.clone(),
        });
        let mut numbers = 0..;
        let experiments = comparison.experiments.iter();
        let unplanned = comparison.unplanned.iter();
        Self {
            before: plain(&comparison.before),
            after: plain(&comparison.after),
            counts: counts(comparison),
            failures: judgement.regressions.iter().map(Failure::of).chain(unchecked).collect(),
            allowed: judgement.allowed().collect(),
            experiments: experiments.map(|experiment| chapter(experiment, &mut numbers)).collect(),
            unreadable: all_plain(&comparison.unreadable),
            unplanned: unplanned.map(|one| one.in_words(MOST_LISTED)).collect(),
        }
    }

    /// The first line: what is compared, and how much of it differs.
    pub(super) fn headline(&self) -> String {
        format!("{} → {}: {}", self.before, self.after, self.counts)
    }
}

impl Failure {
    fn of(one: &Regression) -> Self {
        let row = row(&one.effect);
        Self {
            word: "regression",
            group: format!("{}/{}", plain(&one.experiment), plain(&one.id)),
            text: format!("{} {} → {}, {}", row.label, row.before, row.after, row.verdict),
        }
    }

    /// `study/model=lstm: RMSE 4 → 5, worse, beyond chance (p 0.012, 40 origins)`.
    pub(super) fn sentence(&self) -> String {
        match self.group.as_str() {
            "" => self.text.clone(),
            group => format!("{group}: {}", self.text),
        }
    }
}

fn counts(comparison: &Comparison) -> String {
    let [added, removed, changed] = comparison.counts();
    let mut same = format!("{} the same", counted(comparison.same, "cell"));
    if !comparison.renamed.is_empty() {
        same += &format!(", {} under another name", round::count(comparison.renamed.len()));
    }
    if comparison.is_empty() {
        return format!("nothing changed, {same}");
    }
    let counted = format!("{changed} changed, {added} added, {removed} removed, {same}");
    match comparison.unreadable.len() {
        0 => counted,
        unreadable => format!("{counted}, {} cannot be compared", round::count(unreadable)),
    }
}

fn chapter(experiment: &Experiment, numbers: &mut impl Iterator<Item = usize>) -> Chapter {
    let lists = [('+', "added", &experiment.added), ('-', "removed", &experiment.removed)];
    let groups = experiment.groups.iter().zip(numbers);
    Chapter {
        name: plain(&experiment.name),
        sections: groups.map(|(group, number)| section(group, number)).collect(),
        lists: lists
            .into_iter()
            .filter(|(_, _, ids)| !ids.is_empty())
            .map(|(sign, word, ids)| List {
                sign,
                word,
                ids: all_plain(ids),
            })
            .collect(),
    }
}

fn section(group: &Group, number: usize) -> Section {
    let settings = group.settings.iter();
    let lacking = group.lacking.iter();
    Section {
        number,
        id: plain(&group.id),
        seeds: match (group.changed.len(), group.cells) {
            (_, 0 | 1) => String::new(),
            (changed, cells) if changed == cells => format!(" · {cells} seeds"),
            (changed, cells) => format!(" · {changed} of {cells} seeds changed"),
        },
        settings: settings.map(|one| plain(&one.to_string())).collect(),
        parts: all_plain(&group.parts),
        rows: group.effects.iter().map(row).collect(),
        lacking: lacking.map(|one| one.in_words(group.cells)).collect(),
    }
}

fn row(effect: &Effect) -> Row {
    Row {
        label: label(&effect.metric),
        before: round::number(effect.before),
        after: round::number(effect.after),
        change: round::change(effect.difference, effect.relative),
        verdict: effect.words.clone(),
        tone: match effect.verdict.is_good() {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Neither,
        },
    }
}

fn all_plain(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain(text)).collect()
}
