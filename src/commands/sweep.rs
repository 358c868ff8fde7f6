//! `runner sweep`: run what has no valid record, write records and cards, render the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::announced::{announce_holes, announce_takings, in_words, name_of, print_failures};
use super::cache_limit::Limited;
use super::list::{summary, unplanned_as_json};
use super::survey::{Seen, Survey};
use super::trails::Trails;
use super::turn::Turn;
use super::{Exit, WrongUsage, report};
use crate::checkpoint;
use crate::claim::Claims;
use crate::cli::SweepArguments;
use crate::console::{self, counted};
use crate::device::DeviceChoice;
use crate::prune::unplanned;
use crate::report::html;
use crate::store::paths::{Cache, Results};
use crate::sweep::plan::{self, Frame, Plan, PlannedCell};
use crate::sweep::state::State;
use crate::sweep::takeover::{self, Name, Taking};
use crate::sweep::{self, Outcome, Settings, card, interrupt, leftovers};

pub(super) fn execute(arguments: &SweepArguments) -> Result<Exit> {
    let started = Instant::now();
    if matches!(arguments.places.device, DeviceChoice::Cuda(_)) && !cfg!(feature = "cuda") {
        let text = "this program was built without CUDA; build it with `--features cuda`, or use `--device cpu`";
        return Err(WrongUsage(text.to_owned()).into());
    }
    // A template that is wrong should be told before hours of training, not after them.
    html::templates(arguments.templates.as_deref())?;
    let survey = Survey::of(&arguments.selection, &arguments.places)?;
    let results = Results(arguments.places.results.clone());
    // A filter that matches no cell is told before anything is written.
    survey.check_filters(&arguments.selection)?;
    let cache = Cache(arguments.places.cache.clone());
    if !arguments.dry_run {
        checkpoint::give_where_full(cache.clone(), |text| console::say(&format!("warning: {text}")));
    }
    let turn = (!arguments.dry_run).then(|| Turn::of(&results)).transpose()?;
    let mut all = survey.all(&arguments.places);
    let takings = survey.takings(&all, &results)?;
    if arguments.dry_run {
        let mut cells = selected(&survey, &all, arguments)?;
        let all = cells.len();
        let taken: BTreeSet<&Name> = takings.iter().map(|taking| &taking.cell).collect();
        cells.retain(|Seen { cell, .. }| !taken.contains(&(cell.experiment.clone(), cell.id.clone())));
        announce_waiting(&cells, arguments);
        print_dry_run(&survey, &cells, all - cells.len(), &takings, arguments)?;
        return Ok(Exit::Done);
    }
    leftovers::remove(&survey.experiments, &results, &cache)?;
    // Before the cards: which pictures they keep depends on the records.
    if !takings.is_empty() {
        takeover::perform(&takings, &results)?;
        all = survey.all(&arguments.places);
        if !arguments.quiet {
            announce_takings(&takings);
        }
    }
    let cells = selected(&survey, &all, arguments)?;
    let running = Claims::of_results(&results)?.all()?;
    Trails::of(&survey, &arguments.places)?.settle(&cells, &running)?;
    let is_at_rest = |seen: &&&Seen| !running.contains_key(&name_of(seen.cell));
    let done = cells.iter().filter(is_at_rest).filter(|seen| seen.state.record().is_some());
    leftovers::settle_failures(done.map(|seen| seen.cell), &results)?;
    let to_run = to_run(&cells, arguments);
    for experiment in &survey.experiments {
        card::write(experiment, &survey.data, &results)?;
    }
    // A report that is made meanwhile, or after a crash, knows what cannot run.
    survey.leave_states(&all, &results)?;
    announce_waiting(&cells, arguments);
    if !arguments.quiet {
        announce_holes(&to_run, &survey);
    }
    drop(turn);
    let cache = Limited {
        cache: &cache,
        limit: arguments.cache_limit,
    };
    let outcome = cache.during(arguments.quiet, || match to_run[..] {
        [] => Ok(Outcome::default()),
        _ => run(&freeze(&survey, &to_run, arguments)?, arguments),
    })?;

    // What cannot be written once the cells have run is told at the end, and hides nothing of what became of them.
    let mut written = Vec::new();
    let turn = Turn::of(&results);
    if turn.is_ok() && outcome.done + outcome.elsewhere > 0 {
        // Pictures of what the new records got wrong.
        let cards = survey.experiments.iter();
        written.extend(cards.map(|experiment| card::write(experiment, &survey.data, &results)));
    }
    let now = (!to_run.is_empty()).then(|| survey.all(&arguments.places));
    if let Some(now) = now.as_ref().filter(|_| turn.is_ok()) {
        written.push(survey.leave_states(now, &results));
    }
    let unwritten: Vec<anyhow::Error> = written.into_iter().filter_map(Result::err).collect();

    // What became of the cells is told before the report is made: nothing that happens there may hide it.
    let after = selected(&survey, now.as_ref().unwrap_or(&all), arguments)?;
    print_failures(&outcome, &after, &cells);
    let unplanned_records = survey.unplanned(&arguments.selection, &arguments.places)?;
    if !arguments.quiet {
        for (experiment, ids) in &unplanned_records {
            if let Some(text) = unplanned::in_words(ids) {
                console::say(&format!("{experiment}: {text}"));
            }
        }
    }
    let ran = in_words(&outcome, to_run.is_empty(), started.elapsed().as_secs_f64());
    let summary = format!("{} ({ran})", summary(after.iter().copied()));
    // A standard output that takes no more is told at the end: the report is made all the same.
    let printed = if arguments.json || arguments.quiet {
        Ok(())
    } else {
        console::print(&summary)
    };
    let exit = exit_of(&outcome, &after);
    let rendered = turn.and_then(|turn| report::write(&results, arguments.templates.as_deref(), &turn));
    let report = match rendered {
        Ok(report) => Some(report),
        Err(error) => {
            console::say(&format!("error: failed to render the report: {error:#}"));
            None
        }
    };
    if arguments.json {
        let trails = Trails::of(&survey, &arguments.places)?;
        let rows = after.iter().map(|seen| trails.as_json(seen));
        let rows = rows.collect::<Result<Vec<Value>>>()?;
        let unplanned = unplanned_as_json(&unplanned_records);
        let answer = json!({ "cells": rows, "report": report, "unplanned": unplanned });
        console::print_json(&answer)?;
    } else if let Some(report) = &report
        && !arguments.quiet
    {
        console::print(&format!("report: {report}"))?;
    }
    for error in &unwritten {
        console::say(&format!("error: {error:#}"));
    }
    printed?;
    Ok(match exit {
        Exit::Done if report.is_none() || !unwritten.is_empty() => Exit::Failed,
        exit => exit,
    })
}

/// The cells that the filters let through, and that are of this shard.
fn selected<'a, 'b>(survey: &Survey, all: &'b [Seen<'a>], arguments: &SweepArguments) -> Result<Vec<&'b Seen<'a>>> {
    let mut cells = survey.selected(all, &arguments.selection)?;
    if let Some(shard) = arguments.shard {
        cells.retain(|seen| shard.has(&name_of(seen.cell)));
    }
    Ok(cells)
}

fn to_run<'a>(cells: &[&'a Seen<'a>], arguments: &SweepArguments) -> Vec<&'a Seen<'a>> {
    let runs = |seen: &&Seen| runs(&seen.state, arguments);
    cells.iter().copied().filter(runs).collect()
}

/// Whether a cell of that state is run.
fn runs(state: &State, arguments: &SweepArguments) -> bool {
    match state {
        State::Missing | State::Stale(_) | State::Broken(_) => true,
        State::Done(_) => arguments.force,
        State::Failed(failure) => !failure.lasting || arguments.retry_failed || arguments.force,
        State::DoneUnchecked(_) | State::Wrong(_) | State::Blocked(_) | State::Skipped => false,
    }
}

/// The plan of the cells to run, with everything decided.
fn freeze(survey: &Survey, to_run: &[&Seen], arguments: &SweepArguments) -> Result<Plan> {
    let planned = |seen: &&Seen| {
        let data = survey
            .data
            .of(&seen.cell.data)
            .digests()
            .context("a cell that runs has its data")?;
        Ok(PlannedCell {
            cell: seen.cell.clone(),
            data: data.clone(),
            begins_again: arguments.force,
        })
    };
    let frame = Frame {
        version: plan::VERSION,
        results: absolute(&arguments.places.results)?,
        cache: absolute(&arguments.places.cache)?,
        data: absolute(&arguments.places.data)?,
        device: arguments.places.device,
        provenance: plan::git_state(),
    };
    let cells = to_run.iter().map(planned).collect::<Result<_>>()?;
    Ok(Plan { frame, cells })
}

fn run(plan: &Plan, arguments: &SweepArguments) -> Result<Outcome> {
    let requests = interrupt::listen(i32::from(Exit::Interrupted as u8))?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings {
        jobs: arguments.jobs.map_or(cores, usize::from).min(plan.cells.len()),
        fail_fast: arguments.fail_fast,
        quiet: arguments.quiet,
        cell_timeout: arguments.cell_timeout,
        requests,
    };
    let path = plan.save()?;
    let held = Plan::hold(&path)?;
    let outcome = sweep::run(plan, &path, &settings);
    drop(held);
    interrupt::workers_ended();
    outcome
}

/// `cells` are the selected ones but for so many whose records are taken over.
fn print_dry_run(
    survey: &Survey,
    cells: &[&Seen],
    taken: usize,
    takings: &[Taking],
    arguments: &SweepArguments,
) -> Result<()> {
    let to_run = to_run(cells, arguments);
    let running = Claims::of_results(&Results(arguments.places.results.clone()))?.all()?;
    let trails = Trails::of(survey, &arguments.places)?.beside(running);
    if arguments.json {
        let rows = to_run.iter().map(|seen| trails.as_json(seen));
        let rows = rows.collect::<Result<Vec<Value>>>()?;
        let taken = takings.iter().map(taking_as_json);
        console::print_json(&rows.into_iter().chain(taken).collect::<Vec<_>>())?;
        return Ok(());
    }
    for taking in takings {
        let does = if taking.stays { "copy" } else { "rename" };
        console::print(&format!("would {does} {taking}"))?;
    }
    for seen in &to_run {
        let state = trails.in_words(seen)?.replace('\n', " ");
        console::print(&format!("would run {}  ({state})", name_of(seen.cell)))?;
    }
    let mut states = summary(cells.iter().copied());
    match taken {
        0 => {}
        all if cells.is_empty() => states = format!("{all} under another name"),
        some => states = format!("{some} under another name, {states}"),
    }
    console::print(&format!(
        "{} of {} would run ({states})",
        to_run.len(),
        counted(cells.len() + taken, "cell"),
    ))?;
    Ok(())
}

fn taking_as_json(taking: &Taking) -> Value {
    let name = |(experiment, id): &Name| json!({ "experiment": experiment, "id": id });
    json!({
        "experiment": taking.cell.0,
        "id": taking.cell.1,
        "state": "renamed",
        "reason": format!("a record of it lies under another name: {}", taking.source.1),
        "metrics": null,
        "record": name(&taking.source),
    })
}

/// Says which cells cannot run and why, each reason once.
fn announce_waiting(cells: &[&Seen], arguments: &SweepArguments) {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for Seen { state, .. } in cells {
        let reason = match state {
            State::Wrong(reason) => console::errors(reason),
            State::Broken(reason) => format!("warning: {reason}; it is made again now"),
            State::Blocked(reason) => format!("blocked: {reason}"),
            State::DoneUnchecked(_) if arguments.force => {
                "the data are not here: the records stand as they are, --force or not".to_owned()
            }
            State::Skipped if !arguments.quiet => {
                "skipped: needs a CUDA device; `--device cpu` runs it all the same".to_owned()
            }
            State::Failed(failure) if !runs(state, arguments) => {
                format!("failed before and not tried again (`--retry-failed` does): {}", failure.error)
            }
            _ => continue,
        };
        let place = *places.entry(reason.clone()).or_insert_with(|| {
            reasons.push((reason, 0));
            reasons.len() - 1
        });
        reasons[place].1 += 1;
    }
    for (reason, count) in reasons {
        console::say(&format!("{reason}\n  ({})", counted(count, "cell")));
    }
}

/// 1 wins over 3; a valid record whose data cannot be checked is done; skipped cells do not count.
fn exit_of(outcome: &Outcome, after: &[&Seen]) -> Exit {
    if outcome.interrupted {
        return Exit::Interrupted;
    }
    // A cell that is still to be run after an uninterrupted sweep was not run because another failed, or changed meanwhile.
    let failed = |seen: &&Seen| {
        matches!(
            seen.state,
            State::Failed(_) | State::Wrong(_) | State::Missing | State::Stale(_) | State::Broken(_)
        )
    };
    if !outcome.failed.is_empty() || after.iter().any(failed) {
        Exit::Failed
    } else if after.iter().any(|seen| matches!(seen.state, State::Blocked(_))) {
        Exit::Blocked
    } else {
        Exit::Done
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("failed to find {}", path.display()))
}
