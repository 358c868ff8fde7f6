//! `results/` → what the report looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;
use serde_json::Value;

use super::picture;
use super::results::{ExperimentResults, Failure, same_settings};
use crate::files::{self, Place};
use crate::spec::configuration::value_at;
use crate::store::card::{Card, MOST_MEDIA_BYTES};
use crate::store::paths::Results;
use crate::store::record::{Record, Stored};

/// What a folder of results holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Every experiment, sorted by name.
    pub experiments: Vec<ExperimentResults>,
    /// What could not be shown, each with its path and the reason: a damaged card, records without one.
    pub unreadable: Vec<String>,
}

/// Every experiment below a folder of results. One damaged file takes no other experiment away.
///
/// # Errors
/// When there is no such folder, or it cannot be listed.
pub fn load(folder: &Path) -> anyhow::Result<Loaded> {
    if !files::is_folder(folder)? {
        bail!(
            "there is no folder {}; `runner sweep` makes it, `--results` names another",
            folder.display()
        );
    }
    let results = Results(folder.to_owned());
    let mut loaded = Loaded::default();
    for place in results.root().listed()? {
        match load_experiment(&results, place.name()) {
            Ok(Some(experiment)) => loaded.experiments.push(experiment),
            Ok(None) => {}
            Err(error) => loaded.unreadable.push(format!("{error:#}")),
        }
    }
    let mut models: Vec<String> = Vec::new();
    for model in loaded
        .experiments
        .iter()
        .flat_map(ExperimentResults::models)
    {
        if !models.iter().any(|known| known == model) {
            models.push(model.to_owned());
        }
    }
    for experiment in &mut loaded.experiments {
        experiment.models_of_page.clone_from(&models);
    }
    Ok(loaded)
}

/// What lies in one folder; nothing where it is none of an experiment.
fn load_experiment(results: &Results, name: &str) -> anyhow::Result<Option<ExperimentResults>> {
    let is_ours = results.experiment(name).is_ok();
    if !is_ours || !files::is_folder(&results.root().path().join(name))? {
        return Ok(None);
    }
    let Some(card) = Card::read(results, name)? else {
        let records = results.records(name)?.listed()?;
        if records
            .iter()
            .any(|record| record.name().ends_with(".json"))
        {
            bail!(
                "{} holds records and no experiment.json, which says what they are; restore it from git, or sweep {name} again",
                results.experiment(name)?
            );
        }
        return Ok(None);
    };
    let mut records = Vec::new();
    let mut stale = BTreeSet::new();
    let mut failures = BTreeMap::new();
    let digests = digests(&card);
    for (id, planned) in &card.cells {
        // One broken file must not take the others' page away.
        let broken = |error: anyhow::Error| Failure {
            error: format!("{error:#}"),
            log: String::new(),
        };
        match Record::read(results, name, id) {
            Ok(Some(record))
                if same_settings(&record.configuration, planned)
                    && digests
                        .get(record.dataset())
                        .is_none_or(|digest| record.key.data == *digest) =>
            {
                let id = id.clone();
                records.push(Stored { id, record });
                continue;
            }
            Ok(Some(_)) => {
                stale.insert(id.clone());
            }
            Ok(None) => {}
            Err(error) => {
                failures.insert(id.clone(), broken(error));
                continue;
            }
        }
        match files::read_json::<Value>(&results.failure(name, id)?) {
            Ok(Some(told)) => drop(failures.insert(id.clone(), failure(&told))),
            Ok(None) => {}
            Err(error) => drop(failures.insert(id.clone(), broken(error))),
        }
    }
    let mut media = BTreeMap::new();
    for file in card.pictures() {
        let bytes = results
            .media(name)?
            .join(file)?
            .read(MOST_MEDIA_BYTES as u64);
        // A picture that is missing, too large or a link is not shown.
        if let Some(uri) = bytes.ok().flatten().as_deref().and_then(picture::data_uri) {
            media.insert(file.to_owned(), uri);
        }
    }
    let unplanned = unplanned(&results.records(name)?, &card)?;
    Ok(Some(ExperimentResults {
        card,
        media,
        records,
        failures,
        stale,
        unplanned,
        models_of_page: Vec::new(),
    }))
}

/// Ids of the records that are of no planned cell.
fn unplanned(folder: &Place, card: &Card) -> anyhow::Result<Vec<String>> {
    let files = folder.listed()?;
    let ids = files
        .iter()
        .filter_map(|file| file.name().strip_suffix(".json"));
    let unplanned = ids.filter(|id| !card.cells.contains_key(*id));
    Ok(unplanned.map(str::to_owned).collect())
}

/// The digest of each dataset that is the same in every cell; an axis below a dataset makes several of it, of which the
/// card describes one.
fn digests(card: &Card) -> BTreeMap<&str, &str> {
    let mut settings: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut digests = BTreeMap::new();
    for cell in card.cells.values() {
        let Some(name) = value_at(cell, "dataset").and_then(Value::as_str) else {
            continue;
        };
        match settings.get(name) {
            None => {
                settings.insert(name, &cell["dataset"]);
                let of_series = card.datasets.get(name).map(|dataset| &dataset.digest);
                let of_clips = card.clips.get(name).map(|clips| &clips.digest);
                digests.extend(of_series.or(of_clips).map(|digest| (name, digest.as_str())));
            }
            Some(first) if **first != cell["dataset"] => drop(digests.remove(name)),
            Some(_) => {}
        }
    }
    digests
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::fs;

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

        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        let states: Vec<State> = ids.iter().map(|id| loaded.state(id)).collect();
        assert_eq!(
            states,
            [State::Done, State::Stale, State::Failed, State::Missing]
        );
        assert_eq!(loaded.unplanned, ["dataset=old"]);
        assert_eq!(loaded.failures[&ids[2]].error, "loss is NaN");
        assert_eq!(loaded.records[0].record, experiment.records[0].record);
    }

    #[test]
    fn a_model_has_one_place_in_all_experiments_of_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let all = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let mut few = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        few.card.name = "zwei".to_owned();
        few.card.models.retain(|model| model.model == "hybrid");
        let is_few = |id: &str| id.contains("model=hybrid") || id.contains("model=naive");
        few.card.cells.retain(|id, _| is_few(id));
        few.records.retain(|stored| is_few(&stored.id));
        for experiment in [&all, &few] {
            sample::write(experiment, folder.path());
        }
        let [first, second] = &load(folder.path()).unwrap().experiments[..] else {
            panic!("two experiments");
        };
        assert_eq!(second.models(), ["hybrid", "naive"]);
        for model in second.models() {
            assert_eq!(second.place_of_model(model), first.place_of_model(model));
        }
        assert_ne!(
            second.place_of_model("hybrid"),
            few.place_of_model("hybrid")
        );
    }

    #[test]
    fn a_broken_record_is_named_and_the_rest_stands() {
        let folder = tempfile::tempdir().unwrap();
        let experiment = sample::experiment(&sample::study(&[1], 1)[..2], ReportSpec::default());
        sample::write(&experiment, folder.path());
        let [broken, whole] = [0, 1].map(|index| experiment.records[index].id.clone());
        let path = folder.path().join(format!("sample/cells/{broken}.json"));
        fs::write(&path, "{}").unwrap();
        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        assert_eq!(loaded.state(&broken), State::Failed);
        assert!(
            loaded.failures[&broken]
                .error
                .contains(&*path.to_string_lossy())
        );
        assert_eq!(loaded.state(&whole), State::Done);
    }

    #[test]
    fn a_record_of_other_data_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let mut experiment =
            sample::experiment(&sample::study(&[1], 1)[..2], ReportSpec::default());
        experiment.records[0].record.key.data = "0ther".to_owned();
        sample::write(&experiment, folder.path());
        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        assert_eq!(loaded.state(&experiment.records[0].id), State::Stale);
        assert_eq!(loaded.state(&experiment.records[1].id), State::Done);
    }
}
