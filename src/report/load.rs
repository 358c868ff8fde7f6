//! `results/` → what the report looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use super::results::{ExperimentResults, Failure, same_settings};
use crate::store::card::{self, Card};
use crate::store::files;
use crate::store::paths::Results;
use crate::store::record::{self, Record, Stored};

/// Every experiment below a folder of results, sorted by name.
///
/// # Errors
/// When there is no such folder, when a file of it cannot be read, or was written by a newer version of this program.
pub fn load(folder: &Path) -> anyhow::Result<Vec<ExperimentResults>> {
    if !folder.is_dir() {
        bail!(
            "there is no folder {}; `runner sweep` makes it, `--results` names another",
            folder.display()
        );
    }
    let results = Results(folder.to_owned());
    let mut experiments = Vec::new();
    for entry in entries(folder)? {
        if let Some(name) = entry.file_name().and_then(|name| name.to_str())
            && results.card(name).is_file()
        {
            experiments.push(load_experiment(&results, name)?);
        }
    }
    Ok(experiments)
}

fn load_experiment(results: &Results, name: &str) -> anyhow::Result<ExperimentResults> {
    let card: Card = files::read_saved(&results.card(name), card::VERSION)?;
    let mut records = Vec::new();
    let mut stale = BTreeSet::new();
    let mut failures = BTreeMap::new();
    for (id, planned) in &card.cells {
        let path = results.record(name, id);
        if path.is_file() {
            let record: Record = files::read_saved(&path, record::VERSION)?;
            if same_settings(&record.configuration, planned) {
                let id = id.clone();
                records.push(Stored { id, record });
                continue;
            }
            stale.insert(id.clone());
        }
        let path = results.failure(name, id);
        if path.is_file() {
            failures.insert(id.clone(), failure(&files::read_json(&path)?));
        }
    }
    Ok(ExperimentResults {
        card,
        records,
        failures,
        stale,
    })
}

fn failure(value: &Value) -> Failure {
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Failure {
        error: text("error"),
        log: text("log"),
    }
}

/// What a folder holds, sorted by name.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    let mut paths = read().with_context(|| format!("cannot list {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::results::State;
    use crate::report::sample;
    use crate::spec::report::ReportSpec;

    #[test]
    fn each_planned_cell_has_one_state() {
        let folder = tempfile::tempdir().unwrap();
        let samples = &sample::study(&[1], 1)[..4];
        let experiment = sample::experiment(samples, ReportSpec::default());
        sample::write(&experiment, folder.path());
        let cells = folder.path().join("sample/cells");
        let ids: Vec<String> = experiment.card.cells.keys().cloned().collect();
        // The first stays; the second was made with other settings; the third failed; the fourth never ran.
        let second = cells.join(format!("{}.json", ids[1]));
        let text = fs::read_to_string(&second).unwrap();
        fs::write(second, text.replace("\"epochs\": 20", "\"epochs\": 19")).unwrap();
        fs::remove_file(cells.join(format!("{}.json", ids[2]))).unwrap();
        fs::create_dir(folder.path().join("sample/failed")).unwrap();
        let failed = folder.path().join(format!("sample/failed/{}.json", ids[2]));
        fs::write(
            failed,
            json!({"error": "loss is NaN", "log": "log.txt", "more": 1}).to_string(),
        )
        .unwrap();
        fs::remove_file(cells.join(format!("{}.json", ids[3]))).unwrap();
        fs::write(cells.join("dataset=old.json"), "left from an earlier plan").unwrap();

        let loaded = load(folder.path()).unwrap().remove(0);
        let states: Vec<State> = ids.iter().map(|id| loaded.state(id)).collect();
        assert_eq!(
            states,
            [State::Done, State::Stale, State::Failed, State::Missing]
        );
        assert_eq!(loaded.failures[&ids[2]].error, "loss is NaN");
        assert_eq!(loaded.records[0].record, experiment.records[0].record);
    }

    #[test]
    fn a_broken_record_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let experiment = sample::experiment(&sample::study(&[1], 1)[..1], ReportSpec::default());
        sample::write(&experiment, folder.path());
        let path = folder
            .path()
            .join(format!("sample/cells/{}.json", experiment.records[0].id));
        fs::write(&path, "{}").unwrap();
        let error = format!("{:#}", load(folder.path()).unwrap_err());
        assert!(error.contains(&*path.to_string_lossy()), "{error}");
    }
}
