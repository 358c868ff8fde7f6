//! `runner fetch`: pretrained weights by name; without a name, what there is.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Result;
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Exit, WrongUsage};
use crate::cli::FetchArguments;
use crate::console;
use crate::fetch::manifest::{KNOWN, Known, known};
use crate::fetch::{self, State};
use crate::language::suggest;
use crate::store::paths::Cache;

pub(super) fn execute(arguments: &FetchArguments) -> Result<Exit> {
    let cache = Cache(arguments.cache.clone());
    if arguments.names.is_empty() {
        list(arguments, &cache)?;
        return Ok(Exit::Done);
    }
    let chosen = chosen(&arguments.names)?;
    if arguments.from.is_some() && chosen.len() > 1 {
        let text = "--from is one package, but several names were given; fetch them one by one";
        return Err(WrongUsage(text.to_owned()).into());
    }
    let mut rows: Vec<Value> = Vec::new();
    for weights in chosen {
        let done = fetch_one(weights, arguments, &cache)?;
        if arguments.json {
            rows.push(as_json(weights, &State::Here, &cache)?);
        } else if !arguments.quiet {
            let place = cache.fetched(weights.name)?;
            console::print(&format!("{}: {done}, {place}", weights.name))?;
        }
    }
    if arguments.json {
        console::print_json(&rows)?;
    }
    Ok(Exit::Done)
}

/// The weights of those names, each once.
fn chosen(names: &[String]) -> Result<Vec<&'static Known>> {
    let mut chosen: Vec<&Known> = Vec::new();
    for name in names {
        let Some(weights) = known(name) else {
            let all: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
            return Err(WrongUsage(format!(
                "unknown weights `{name}`\n  help: {}`runner fetch` knows {}",
                suggest::did_you_mean(name, all.iter().copied()),
                suggest::listed(&all)
            ))
            .into());
        };
        if chosen.iter().all(|other| other.name != weights.name) {
            chosen.push(weights);
        }
    }
    Ok(chosen)
}

/// Sees to it that the cache holds these weights, and tells what was done.
fn fetch_one(weights: &Known, arguments: &FetchArguments, cache: &Cache) -> Result<&'static str> {
    let done = match fetch::state(weights, cache)? {
        State::Here => return Ok("already here"),
        State::Absent => "fetched",
        State::Wrong { found } => {
            console::say(&format!(
                "{}: {} has SHA-256 {found}, not {}; replacing it",
                weights.name,
                cache.fetched(weights.name)?,
                weights.sha256
            ));
            "replaced"
        }
    };
    let mut progress = Progress::new(weights, arguments.quiet);
    fetch::fetch(weights, arguments.from.as_deref(), cache, &mut |step| {
        progress.step(step);
    })?;
    Ok(done)
}

/// What can be fetched, and whether it is here.
fn list(arguments: &FetchArguments, cache: &Cache) -> Result<()> {
    let mut rows: Vec<Value> = Vec::new();
    let mut table = vec![["NAME", "STATE", "SIZE", "LICENCE", "SOURCE"].map(str::to_owned)];
    for weights in KNOWN {
        let state = fetch::state(weights, cache)?;
        rows.push(as_json(weights, &state, cache)?);
        table.push([
            weights.name.to_owned(),
            in_words(&state).to_owned(),
            DecimalBytes(weights.bytes).to_string(),
            weights.licence.to_owned(),
            weights.source(),
        ]);
    }
    if arguments.json {
        return console::print_json(&rows);
    }
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let lengths = table.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    // What each line of the table says in full, below it; the first line is the head.
    let about = std::iter::once(None).chain(KNOWN.iter().map(Some));
    let mut out = String::new();
    for (row, about) in table.iter().zip(about) {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
        if let Some(weights) = about {
            out.push_str(&format!(
                "  {}\n  licence: {} {}\n",
                weights.about, weights.licence, weights.licence_note
            ));
        }
    }
    console::print(out.trim_end())
}

fn in_words(state: &State) -> &'static str {
    match state {
        State::Absent => "not here",
        State::Here => "here",
        State::Wrong { .. } => "wrong bytes",
    }
}

/// Some weights for a program that reads it.
fn as_json(weights: &Known, state: &State, cache: &Cache) -> Result<Value> {
    Ok(json!({
        "name": weights.name,
        "about": weights.about,
        "state": in_words(state),
        "path": cache.fetched(weights.name)?.path(),
        "bytes": weights.bytes,
        "sha256": weights.sha256,
        "licence": format!("{} {}", weights.licence, weights.licence_note),
        "source": weights.source(),
        "package_bytes": weights.package.bytes,
        "package_sha256": weights.package.sha256,
    }))
}

/// What is going on: a line that changes on a terminal, a line for each step where there is none. npm tells nobody how
/// far a download is, so there is no share of it to show.
enum Progress {
    Line(ProgressBar),
    Lines(&'static str),
    Quiet,
}

impl Progress {
    fn new(weights: &Known, quiet: bool) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines(weights.name);
        }
        let line = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner:.cyan} {prefix}: {msg}  {elapsed}");
        line.set_style(style.expect("the template is a valid one"));
        line.set_prefix(weights.name);
        line.enable_steady_tick(Duration::from_millis(120));
        Self::Line(line)
    }

    fn step(&mut self, step: &str) {
        match self {
            Self::Line(line) => line.set_message(step.to_owned()),
            Self::Lines(name) => console::say(&format!("{name}: {step}")),
            Self::Quiet => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Line(line) = self {
            line.finish_and_clear();
        }
    }
}
