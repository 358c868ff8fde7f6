//! `runner check`: parse and validate; every problem of every file at once, and of the data that are here.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Exit, survey};
use crate::cli::CheckArguments;
use crate::console::{self, counted};
use crate::spec;
use crate::store::paths::Cache;
use crate::sweep::data::DataState;

pub(super) fn execute(arguments: &CheckArguments) -> Result<Exit> {
    let folders = Cache(arguments.cache.clone()).folders(&arguments.data);
    let (experiments, data) =
        survey::understood(spec::understand(&arguments.paths, &[]), &folders)?;
    let mut rows: Vec<Value> = Vec::new();
    let mut wrong = 0;
    for problem in data.unused_wrong() {
        wrong += 1;
        console::say(&format!("error: {problem}"));
    }
    for experiment in &experiments {
        let mut problems: Vec<&str> = Vec::new();
        let mut missing: Vec<&str> = Vec::new();
        for cell in &experiment.cells {
            let (list, reason) = match data.of(&cell.data) {
                DataState::Ready(_) => continue,
                DataState::Missing(reason) => (&mut missing, reason),
                DataState::Wrong(reason) => (&mut problems, reason),
            };
            if !list.contains(&reason.as_str()) {
                list.push(reason);
            }
        }
        wrong += problems.len();
        for problem in &problems {
            console::say(&format!("error: {problem}"));
        }
        let cells = experiment.cells.len();
        if arguments.json {
            rows.push(json!({ "experiment": experiment.name, "cells": cells, "data_missing": missing, "data_wrong": problems }));
        } else if !arguments.quiet {
            console::print(&format!(
                "{}: {}, {}",
                experiment.name,
                counted(cells, "cell"),
                if problems.is_empty() {
                    "no problem found"
                } else {
                    "the data are wrong"
                }
            ))?;
            for reason in missing {
                console::print(&format!("  not checked: {}", reason.replace('\n', "\n  ")))?;
            }
        }
    }
    if arguments.json {
        console::print_json(&rows)?;
    }
    Ok(if wrong > 0 { Exit::Failed } else { Exit::Done })
}
