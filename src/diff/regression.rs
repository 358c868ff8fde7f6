//! `--fail-on-regress [METRIC[=TOLERANCE]]`: which effects a branch must not have.

use super::plain::{label, plain};
use super::removed::{self, Gone};
use super::{Change, Comparison, Effect, Group, Lacking};
use crate::console;
use crate::language::suggest;
use crate::metric::{self, METRICS};

/// One metric that must not get worse.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guard {
    /// The metric; without one it is the deciding metric of each group.
    metric: Option<String>,
    /// A relative worsening that is let pass; without one, none beyond chance is, and where chance cannot be told the
    /// tolerance of [`Change::WithinTolerance`].
    tolerance: Option<f64>,
}

impl Guard {
    /// From what stands behind `--fail-on-regress`: nothing, `rmse`, `rmse=0.02`, `rmse=2%`.
    ///
    /// # Errors
    /// When there is no such metric, or the tolerance is no share of 0 or more.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self {
                metric: None,
                tolerance: None,
            });
        }
        let (name, tolerance) = match text.split_once('=') {
            Some((name, tolerance)) => (name.trim(), Some(tolerance.trim())),
            None => (text.trim(), None),
        };
        if metric::find(name).is_none() {
            let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
            return Err(format!(
                "there is no metric `{name}`; {}metrics are {}; a revision stands before this option",
                suggest::did_you_mean(name, names.iter().copied()),
                names.join(", ")
            ));
        }
        let tolerance = tolerance.map(share).transpose()?;
        Ok(Self {
            metric: Some(name.to_owned()),
            tolerance,
        })
    }

    /// The metric that it was made for, if for a certain one.
    pub(crate) fn metric(&self) -> Option<&str> {
        self.metric.as_deref()
    }

    /// Whether it looks at a metric of a group: its own, or the one that decides among those that the group has or had.
    fn watches(&self, metric: &str, group: &Group) -> bool {
        if let Some(own) = &self.metric {
            return own == metric;
        }
        let had = group.lacking.iter().filter(|one| one.is_lost);
        let names = group.effects.iter().map(|one| &one.metric).chain(had.map(|one| &one.metric));
        metric::deciding(&metric::sorted(names)).is_some_and(|name| name == metric)
    }

    fn forbids(&self, effect: &Effect) -> bool {
        let worsening = effect.worsening();
        match (effect.verdict, self.tolerance) {
            (Change::Worse | Change::WorseUntested, None) => true,
            (Change::Worse | Change::WorseUntested, Some(most)) => worsening > most,
            // Chance cannot be told, and the guard is stricter than what counts as a change.
            (Change::WithinTolerance | Change::Unclear, Some(most)) => worsening > most,
            _ => false,
        }
    }
}

/// A share: `0.02` or `2%`. One of 1 or above without the sign was hardly meant.
fn share(text: &str) -> Result<f64, String> {
    let (digits, factor) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), 0.01),
        None => (text, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(value) if value >= 1.0 && factor == 1.0 && value.is_finite() => {
            let percent = console::shortest(value * 100.0);
            Err(format!(
                "the tolerance `{text}` is a share, which lets a metric get {percent}% worse: write {text}%, or {percent}% if \
                 that is meant"
            ))
        }
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(value * factor),
        _ => Err(format!("the tolerance `{text}` is no share, as 0.02 or 2%")),
    }
}

/// An effect that a guard forbids.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Regression {
    /// The experiment's name.
    pub experiment: String,
    /// The group's id.
    pub id: String,
    /// What got worse.
    pub effect: Effect,
}

/// What the guards say of a comparison.
#[derive(Debug, Default, PartialEq, serde::Serialize)]
pub(crate) struct Judgement {
    /// What they forbid.
    pub regressions: Vec<Regression>,
    /// What they could not look at, with the reason: a guard that saw nothing does not let it pass.
    pub unchecked: Vec<String>,
    /// Cells that are gone, and whether they were allowed to be.
    pub removed: Vec<Gone>,
}

impl Judgement {
    /// What the guards say, where cells of those names may be gone.
    pub(crate) fn of(comparison: &Comparison, guards: &[Guard], allowed: &[String]) -> Self {
        let removed = removed::gone(comparison, allowed);
        let mut unchecked_now = Vec::new();
        if !guards.is_empty() {
            let not_allowed = removed.iter().filter(|gone| !gone.allowed);
            unchecked_now.extend(not_allowed.map(|gone| format!("{}; {}", gone.in_words(), gone.how_to_allow())));
            unchecked_now.extend(unchecked(comparison, guards));
        }
        Self {
            regressions: regressions(comparison, guards),
            unchecked: unchecked_now,
            removed,
        }
    }

    /// What is gone as it was allowed to be, in words.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = String> {
        let allowed = self.removed.iter().filter(|gone| gone.allowed);
        allowed.map(|gone| format!("allowed: {}", gone.in_words()))
    }

    /// Whether the comparison passes.
    pub(crate) fn passes(&self) -> bool {
        self.regressions.is_empty() && self.unchecked.is_empty()
    }
}

/// Records that cannot be read, metrics that records no longer have, changes that point in two directions.
fn unchecked(comparison: &Comparison, guards: &[Guard]) -> Vec<String> {
    let unreadable = comparison.unreadable.iter();
    let mut found: Vec<String> = unreadable.map(|reason| plain(reason)).collect();
    let groups = || comparison.experiments.iter().flat_map(|one| &one.groups);
    let has = |metric: &String| {
        groups().any(|group| {
            let lost = group.lacking.iter().any(|one| one.metric == *metric);
            lost || group.effects.iter().any(|one| one.metric == *metric)
        })
    };
    if groups().next().is_some() {
        let watched = guards.iter().filter_map(|guard| guard.metric.as_ref());
        let unseen = watched.filter(|metric| !has(metric));
        found.extend(unseen.map(|metric| format!("no record that changed has the metric {metric}")));
    }
    for experiment in &comparison.experiments {
        for group in &experiment.groups {
            let is_watched = |metric: &String| guards.iter().any(|guard| guard.watches(metric, group));
            let (name, id) = (plain(&experiment.name), plain(&group.id));
            for Lacking { metric, .. } in group.lacking.iter().filter(|one| one.is_lost) {
                if !is_watched(metric) {
                    continue;
                }
                found.push(format!("{name}/{id}: records have no {} any more", plain(metric)));
            }
            let unclear = group.effects.iter().filter(|effect| {
                effect.verdict == Change::Unclear
                    && is_watched(&effect.metric)
                    && !guards.iter().any(|guard| guard.forbids(effect))
            });
            for effect in unclear {
                let label = label(&effect.metric);
                found.push(format!("{name}/{id}: {label} is {}", effect.words));
            }
        }
    }
    found
}

/// What the guards forbid.
fn regressions(comparison: &Comparison, guards: &[Guard]) -> Vec<Regression> {
    let mut found = Vec::new();
    for experiment in &comparison.experiments {
        for group in &experiment.groups {
            for effect in &group.effects {
                let is_forbidden = guards
                    .iter()
                    .any(|guard| guard.watches(&effect.metric, group) && guard.forbids(effect));
                if is_forbidden {
                    found.push(Regression {
                        experiment: experiment.name.clone(),
                        id: group.id.clone(),
                        effect: effect.clone(),
                    });
                }
            }
        }
    }
    found
}
