//! `--fail-on-regress [METRIC[=TOLERANCE]]`: which effects a branch must not have.

use super::{Comparison, Effect, Verdict};
use crate::metric::{self, METRICS};
use crate::report::metrics;
use crate::spec::suggest;

/// One metric that must not get worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The metric; without one it is the deciding metric of each group.
    metric: Option<String>,
    /// A relative worsening that is let pass; without one, none beyond chance is, and where chance cannot be told the
    /// tolerance of [`Verdict::WithinTolerance`].
    tolerance: Option<f64>,
}

impl Guard {
    /// From what stands behind `--fail-on-regress`: nothing, `rmse`, `rmse=0.02`, `rmse=2%`.
    ///
    /// # Errors
    /// When there is no such metric, or the tolerance is no share of 0 or more.
    pub fn parse(text: &str) -> Result<Self, String> {
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

    fn forbids(&self, effect: &Effect) -> bool {
        let worsening = effect.worsening();
        match (effect.verdict, self.tolerance) {
            (Verdict::Worse | Verdict::WorseUntested, None) => true,
            (Verdict::Worse | Verdict::WorseUntested, Some(most)) => worsening > most,
            // Chance cannot be told, and the guard is stricter than what counts as a change.
            (Verdict::WithinTolerance, Some(most)) => worsening > most,
            _ => false,
        }
    }
}

/// A share: `0.02` or `2%`.
fn share(text: &str) -> Result<f64, String> {
    let (digits, factor) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), 0.01),
        None => (text, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(value * factor),
        _ => Err(format!("the tolerance `{text}` is no share, as 0.02 or 2%")),
    }
}

/// An effect that a guard forbids.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Regression {
    /// The experiment's name.
    pub experiment: String,
    /// The group's id.
    pub id: String,
    /// What got worse.
    pub effect: Effect,
}

/// What the guards forbid.
pub fn regressions(comparison: &Comparison, guards: &[Guard]) -> Vec<Regression> {
    let mut found = Vec::new();
    for experiment in &comparison.experiments {
        for group in &experiment.groups {
            let names: Vec<String> = group.effects.iter().map(|one| one.metric.clone()).collect();
            let deciding = metrics::deciding(&names);
            for effect in &group.effects {
                let is_forbidden = guards.iter().any(|guard| {
                    let watched = guard.metric.as_ref().or(deciding.as_ref());
                    watched == Some(&effect.metric) && guard.forbids(effect)
                });
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
