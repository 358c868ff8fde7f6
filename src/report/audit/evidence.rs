//! What several rules look at, made once: the errors and the rates of each record and of each printed row, and groups of records.

use std::collections::BTreeMap;

use super::errors::Errors;
use super::rates::Rates;
use super::{Broken, Subject, printed};
use crate::report::results::ExperimentResults;
use crate::store::record::Stored;

/// One experiment as the rules see it.
pub(super) struct Evidence<'a> {
    /// All of it.
    pub experiment: &'a ExperimentResults,
    /// Errors of forecasts, ours and printed ones.
    pub errors: Vec<(Subject, Errors)>,
    /// Rates of classifications, ours and printed ones.
    pub rates: Vec<(Subject, Rates)>,
}

impl<'a> Evidence<'a> {
    /// Of one experiment.
    pub(super) fn of(experiment: &'a ExperimentResults) -> Self {
        let records = || {
            let records = experiment.records.iter();
            records.map(|stored| (Subject::Cell(stored.id.clone()), stored))
        };
        let errors = records()
            .filter_map(|(subject, stored)| Some((subject, Errors::of_record(stored)?)))
            .chain(printed::errors(experiment));
        let rates = records()
            .filter_map(|(subject, stored)| Some((subject, Rates::of_record(stored)?)))
            .chain(printed::rates(experiment));
        Self {
            experiment,
            errors: errors.collect(),
            rates: rates.collect(),
        }
    }

    /// What breaks a rule between errors, which gives the metrics and a sentence.
    pub(super) fn broken_errors(&self, rule: impl Fn(&Errors) -> Option<(Vec<&'static str>, String)>) -> Vec<Broken> {
        broken(&self.errors, rule)
    }

    /// The same between rates.
    pub(super) fn broken_rates(&self, rule: impl Fn(&Rates) -> Option<(Vec<&'static str>, String)>) -> Vec<Broken> {
        broken(&self.rates, rule)
    }

    /// What breaks a rule about single cells, which gives a sentence.
    pub(super) fn broken_cells(&self, rule: impl Fn(&'a Stored) -> Option<String>) -> Vec<Broken> {
        let records = self.experiment.records.iter();
        records
            .filter_map(|stored| Some(Broken::cell(&stored.id, rule(stored)?)))
            .collect()
    }

    /// The records of networks.
    pub(super) fn networks(&self) -> impl Iterator<Item = &'a Stored> {
        let records = self.experiment.records.iter();
        records.filter(|stored| stored.record.is_trained())
    }
}

/// Records by what they share, and then by group: those that differ in nothing but their seed.
pub(super) fn grouped<'a>(
    records: impl Iterator<Item = &'a Stored>,
    shared: impl Fn(&Stored) -> String,
) -> impl Iterator<Item = Vec<Vec<&'a Stored>>> {
    let mut all: BTreeMap<String, BTreeMap<String, Vec<&Stored>>> = BTreeMap::new();
    for stored in records {
        let groups = all.entry(shared(stored)).or_default();
        let group = groups.entry(stored.record.group()).or_default();
        group.push(stored);
    }
    all.into_values().map(|groups| groups.into_values().collect())
}

fn broken<T>(of: &[(Subject, T)], rule: impl Fn(&T) -> Option<(Vec<&'static str>, String)>) -> Vec<Broken> {
    let broken = of.iter().filter_map(|(subject, one)| {
        let (metrics, explanation) = rule(one)?;
        Some(Broken {
            subject: subject.clone(),
            metrics,
            explanation,
        })
    });
    broken.collect()
}
