//! `runner list`: every cell, its state and the reason.

use anyhow::Result;
use serde_json::{Value, json};

use super::Exit;
use super::survey::{Seen, Survey};
use super::trails::Trails;
use crate::claim::Claims;
use crate::cli::ListArguments;
use crate::console;
use crate::prune::unplanned::in_words;
use crate::store::paths::Results;

pub(super) fn execute(arguments: &ListArguments) -> Result<Exit> {
    let survey = Survey::of(&arguments.selection, &arguments.places)?;
    let cells = survey.cells(&arguments.selection, &arguments.places)?;
    let unplanned = survey.unplanned(&arguments.selection, &arguments.places)?;
    let takings = survey.takings(&cells, &Results(arguments.places.results.clone()))?;
    let running = Claims::of_results(&Results(arguments.places.results.clone()))?.all()?;
    let trails = Trails::of(&survey, &arguments.places)?.taking_over(&takings).beside(running);
    if arguments.json {
        let rows = cells.iter().map(|seen| trails.as_json(seen));
        let mut rows = rows.collect::<Result<Vec<Value>>>()?;
        rows.extend(unplanned_as_json(&unplanned));
        console::print_json(&rows)?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    for (index, experiment) in survey.experiments.iter().enumerate() {
        let of_experiment = || cells.iter().filter(|seen| seen.cell.experiment == experiment.name);
        if of_experiment().next().is_none() {
            continue;
        }
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&format!("{}: {}\n", experiment.name, summary(of_experiment())));
        let width = of_experiment().map(|seen| seen.cell.id.chars().count()).max().unwrap_or(0);
        for seen in of_experiment() {
            let state = trails.in_words(seen)?.replace('\n', "\n    ");
            out.push_str(&format!("  {:width$}  {state}\n", seen.cell.id));
        }
        let of_experiment = unplanned.iter().find(|(name, _)| *name == experiment.name);
        if let Some(text) = of_experiment.and_then(|(_, ids)| in_words(ids)) {
            out.push_str(&format!("  {text}\n"));
        }
    }
    console::print(out.trim_end())?;
    Ok(Exit::Done)
}

/// How many cells are in which state, as `60 done, 2 missing`.
pub(super) fn summary<'a>(cells: impl Iterator<Item = &'a Seen<'a>>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for seen in cells {
        let name = seen.state.name();
        match counts.iter_mut().find(|(counted, _)| *counted == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let parts: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if parts.is_empty() {
        "no cells".to_owned()
    } else {
        parts.join(", ")
    }
}

/// Records of cells that are not planned, for a program that reads them.
pub(super) fn unplanned_as_json(unplanned: &[(&str, Vec<String>)]) -> Vec<Value> {
    let row = |experiment: &str, id: &String| {
        json!({
            "experiment": experiment,
            "id": id,
            "state": "unplanned",
            "reason": "a record of a cell that is no longer planned",
            "metrics": null,
        })
    };
    let rows = unplanned.iter();
    rows.flat_map(|(experiment, ids)| ids.iter().map(move |id| row(experiment, id)))
        .collect()
}
