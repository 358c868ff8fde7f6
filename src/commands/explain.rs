//! `runner explain`: why one cell would run or not, and what is reused.

use anyhow::Result;

use super::survey::Survey;
use super::trails::Trails;
use super::{Exit, WrongUsage};
use crate::claim::Claims;
use crate::cli::{ExplainArguments, Selection};
use crate::console;
use crate::explain::{Asked, explain};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::language::suggest::closest_name;
use crate::store::paths::{Cache, Results};

pub(super) fn execute(arguments: &ExplainArguments) -> Result<Exit> {
    let selection = Selection {
        paths: arguments.paths.clone(),
        filters: Vec::new(),
        overrides: arguments.overrides.clone(),
    };
    let places = &arguments.places;
    let survey = Survey::of(&selection, places)?;
    let (results, cache) = (Results(places.results.clone()), Cache(places.cache.clone()));
    let (experiment, cell) = find(&survey.experiments, &arguments.cell, &results)?;
    let seen = survey.seen(cell, places, &results);
    let takings = survey.takings(std::slice::from_ref(&seen), &results)?;
    let running = Claims::of_results(&results)?.all()?;
    let trails = Trails::of(&survey, places)?.taking_over(&takings).beside(running);
    let explanation = explain(&Asked {
        cell,
        state: &seen.state,
        reason: trails.in_words(&seen)?,
        running: trails.running(&seen),
        taking: takings.first(),
        experiment,
        data: &survey.data,
        results: &results,
        cache: &cache,
        folders: &cache.folders(&places.data),
        device: places.device,
        overrides: &selection.overrides,
    })?;
    if arguments.json {
        console::print_json(&explanation)?;
    } else {
        console::print(explanation.to_string().trim_end())?;
    }
    Ok(Exit::Done)
}

/// The cell named `ID`, or `EXPERIMENT/ID`.
fn find<'a>(experiments: &'a [Experiment], name: &str, results: &Results) -> Result<(&'a Experiment, &'a Cell)> {
    let cells = || {
        let of = |experiment: &'a Experiment| experiment.cells.iter().map(move |cell| (experiment, cell));
        experiments.iter().flat_map(of)
    };
    let whole = |cell: &Cell| format!("{}/{}", cell.experiment, cell.id);
    let found: Vec<_> = cells().filter(|(_, cell)| cell.id == name || whole(cell) == name).collect();
    let wrong = match found[..] {
        [only] => return Ok(only),
        [(_, first), ..] => {
            let first = whole(first);
            format!("several experiments have a cell `{name}`; write for instance `{first}`")
        }
        [] => {
            let names: Vec<String> = cells().flat_map(|(_, cell)| [cell.id.clone(), whole(cell)]).collect();
            let meant = closest_name(name, names.iter().map(String::as_str));
            let meant = meant.map(|meant| format!("did you mean `{meant}`? "));
            let left = left_over(experiments, name, results);
            format!(
                "no cell `{name}`; {left}{}`runner list` shows the cells",
                meant.unwrap_or_default()
            )
        }
    };
    Err(WrongUsage(wrong).into())
}

/// What is said of a name that only a record has.
fn left_over(experiments: &[Experiment], name: &str, results: &Results) -> &'static str {
    let has = |experiment: &str, id: &str| {
        let place = results.record(experiment, id);
        place.is_ok_and(|place| matches!(place.is_there(), Ok(true)))
    };
    let is_there = match name.split_once('/') {
        Some((experiment, id)) => has(experiment, id),
        None => experiments.iter().any(|experiment| has(&experiment.name, name)),
    };
    match is_there {
        true => "a record of that name is there, of a cell that is no longer planned; ",
        false => "",
    }
}
