//! `results/` → what the report looks at.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use rayon::prelude::*;
use serde_json::Value;

use super::picture;
use super::results::{ExperimentResults, changed_settings};
use crate::files::{self, Broken, Place};
use crate::language::configuration::value_at;
use crate::metric::Predictions;
use crate::store::card::{Card, MOST_MEDIA_BYTES, PlannedCell};
use crate::store::paths::Results;
use crate::store::record::{self, Record, Stored};
use crate::sweep::seen::Seen;
use crate::sweep::state::Failure;
use crate::sweep::told::Told;

/// What a folder of results holds.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Every experiment, sorted by name.
    pub experiments: Vec<ExperimentResults>,
    /// What could not be shown, each with its path and the reason: a damaged card, records without one.
    pub unreadable: Vec<String>,
}

/// Every experiment below a folder of results. One damaged file takes no other experiment away.
///
/// # Errors
/// When there is no such folder, or it cannot be listed.
pub(crate) fn load(folder: &Path) -> anyhow::Result<Loaded> {
    if !files::is_folder(folder)? {
        bail!(
            "there is no folder {}; `runner sweep` makes it, `--results` names another",
            folder.display()
        );
    }
    let results = Results(folder.to_owned());
    let mut loaded = Loaded::default();
    for place in results.root().listed()? {
        match load_experiment(&results, place.name(), &mut loaded.unreadable) {
            Ok(Some(experiment)) => loaded.experiments.push(experiment),
            Ok(None) => {}
            Err(error) => loaded.unreadable.push(format!("{error:#}")),
        }
    }
    let mut models: Vec<String> = Vec::new();
    for model in loaded.experiments.iter().flat_map(ExperimentResults::models) {
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
fn load_experiment(
    results: &Results,
    name: &str,
    unreadable: &mut Vec<String>,
) -> anyhow::Result<Option<ExperimentResults>> {
    let is_ours = results.experiment(name).is_ok();
    if !is_ours || !files::is_folder(&results.root().path().join(name))? {
        return Ok(None);
    }
    let Some(card) = Card::read(results, name)? else {
        let records = results.records(name)?.listed()?;
        if records.iter().any(|record| record.name().ends_with(".json")) {
            bail!(
                "{} holds records and no experiment.json, which says what they are; restore it from git, or sweep {name} again",
                results.experiment(name)?
            );
        }
        return Ok(None);
    };
    let mut records = Vec::new();
    let mut told = BTreeMap::new();
    let digests = digests(&card);
    // It holds nothing that could be lost: what cannot be read takes no cell away.
    let seen = Seen::read(name, results).unwrap_or_else(|error| {
        unreadable.push(format!("why cells of {name} have no record: {error:#}"));
        Seen::default()
    });
    let cells: Vec<(&String, &PlannedCell)> = card.cells.iter().collect();
    let read = |(id, _): &(&String, &PlannedCell)| match Record::read(results, name, id) {
        Ok(read) => (read, None),
        // One broken file must not take the others' page away.
        Err(error) if error.is::<Broken>() => (None, Some(Told::Stale(vec![error.to_string()]))),
        Err(error) => (None, Some(Told::Wrong(format!("{error:#}")))),
    };
    // Reading is most of the work; what comes after it goes through the cells in their order.
    let read: Vec<(Option<Record>, Option<Told>)> = cells.par_iter().map(read).collect();
    for (
        (
            id,
            PlannedCell {
                configuration: planned, ..
            },
        ),
        (read, broken),
    ) in cells.into_iter().zip(read)
    {
        let digest = value_at(planned, "dataset")
            .and_then(Value::as_str)
            .and_then(|dataset| digests.get(dataset).copied());
        let own = match &read {
            None => broken,
            Some(record) => {
                let changes = changes(record, planned, digest);
                (!changes.is_empty()).then_some(Told::Stale(changes))
            }
        };
        let own = match own {
            Some(own) => Some(own),
            None if read.is_some() => None,
            None => failure(results, name, id, planned, digest)?,
        };
        // What the sweep saw goes further: it knew the data, the code and the machine. But it does not make a record good that
        // contradicts what is planned.
        let of_sweep = seen.of_cell(id, planned, read.as_ref()).cloned();
        let state = match (of_sweep, own) {
            (Some(seen), Some(own)) if seen.is_done() && !own.is_done() => Some(own),
            (seen, own) => seen.or(own),
        };
        let is_valid = state.as_ref().is_none_or(Told::is_done);
        if let Some(mut record) = read.filter(|_| is_valid) {
            shown_as(&mut record, planned, &card);
            records.push(Stored { id: id.clone(), record });
        }
        told.extend(state.map(|state| (id.clone(), state)));
    }
    record::sort(&mut records);
    let mut media = BTreeMap::new();
    for file in card.pictures() {
        let bytes = results.media(name)?.join(file)?.read(MOST_MEDIA_BYTES as u64);
        // A picture that is missing, too large or a link is not shown.
        if let Some(uri) = bytes.ok().flatten().as_deref().and_then(picture::data_uri) {
            media.insert(file.to_owned(), uri);
        }
    }
    // A folder that cannot be listed is told by each of its cells.
    let unplanned = unplanned(&results.records(name)?, &card).unwrap_or_default();
    Ok(Some(ExperimentResults {
        card,
        media,
        records,
        told,
        unplanned,
        models_of_page: Vec::new(),
    }))
}

/// Ids of the records that are of no planned cell.
fn unplanned(folder: &Place, card: &Card) -> anyhow::Result<Vec<String>> {
    let files = folder.listed()?;
    let ids = files.iter().filter_map(|file| file.name().strip_suffix(".json"));
    let unplanned = ids.filter(|id| !card.cells.contains_key(*id));
    Ok(unplanned.map(str::to_owned).collect())
}

/// The digest of each dataset that is the same in every cell; an axis below a dataset makes several of it, of which the
/// card describes one.
fn digests(card: &Card) -> BTreeMap<&str, &str> {
    let mut settings: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut digests = BTreeMap::new();
    for cell in card.configurations() {
        let Some(name) = value_at(cell, "dataset").and_then(Value::as_str) else {
            continue;
        };
        match settings.get(name) {
            None => {
                settings.insert(name, &cell["dataset"]);
                let digest = card.contents(name).map(|contents| contents.digest.as_str());
                digests.extend(digest.map(|digest| (name, digest)));
            }
            Some(first) if **first != cell["dataset"] => drop(digests.remove(name)),
            Some(_) => {}
        }
    }
    digests
}

/// What changed since a record was made, as far as results alone show it; empty where nothing did.
fn changes(record: &Record, planned: &Value, digest: Option<&str>) -> Vec<String> {
    let mut changes = changed_settings(&record.configuration, planned);
    if digest.is_some_and(|digest| record.key.data != digest) {
        changes.push("the data".to_owned());
    }
    changes
}

/// What is in no key is shown as the file says now, whatever it said when the record was made: names, paths and units.
fn shown_as(record: &mut Record, planned: &Value, card: &Card) {
    record.configuration = planned.clone();
    let planned = planned.get("dataset").and_then(|dataset| dataset.get("unit"));
    let target = card.contents(record.dataset()).and_then(|contents| contents.target.as_ref());
    let of_card = target.map(|target| &*target.unit);
    let now = planned.and_then(Value::as_str).or(of_card).map(str::to_owned);
    if let (Predictions::Regression(forecasts), Some(now)) = (&mut record.predictions, now) {
        forecasts.unit = now;
    }
}

/// Why the last run of a cell failed, if that was a run with the settings and the data that are planned now.
fn failure(results: &Results, name: &str, id: &str, planned: &Value, digest: Option<&str>) -> anyhow::Result<Option<Told>> {
    match Failure::read(results, name, id) {
        Ok(Some(failure)) => {
            let is_of_plan = changed_settings(&failure.configuration, planned).is_empty()
                && digest.is_none_or(|digest| failure.key.data == digest);
            Ok(is_of_plan.then_some(Told::Failed {
                error: failure.error,
                log: failure.log,
            }))
        }
        Ok(None) => Ok(None),
        // As good as none: the cell is tried again.
        Err(error) if error.is::<Broken>() => Ok(None),
        Err(error) => Ok(Some(Told::Wrong(format!("{error:#}")))),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::language::configuration::without_idle;
    use crate::language::report::ReportSpec;
    use crate::report::sample;
    use crate::store::key::digest_of;

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
        let mut changed = experiment.records[1].record.clone();
        changed.configuration["train"]["epochs"] = json!(30);
        changed.key.configuration = digest_of(&without_idle(&changed.configuration));
        fs::write(second, json!(changed).to_string()).unwrap();
        fs::remove_file(cells.join(format!("{}.json", ids[2]))).unwrap();
        fs::create_dir(folder.path().join("sample/failed")).unwrap();
        let failed = folder.path().join(format!("sample/failed/{}.json", ids[2]));
        let failure = |configuration: &Value| {
            let key = json!({"code": {}, "configuration": "c0ffee", "data": "da7a"});
            json!({
                "configuration": configuration, "error": "loss is NaN", "key": key, "lasting": true, "log": "log.txt",
                "version": 1
            })
            .to_string()
        };
        let planned = |index: usize| &experiment.card.cells[&ids[index]].configuration;
        fs::write(failed, failure(planned(2))).unwrap();
        // The fourth failed once, with other settings.
        let other = folder.path().join(format!("sample/failed/{}.json", ids[3]));
        let mut changed = planned(3).clone();
        changed["window"]["lookback"] = json!(29);
        fs::write(other, failure(&changed)).unwrap();
        fs::remove_file(cells.join(format!("{}.json", ids[3]))).unwrap();
        fs::write(cells.join("old.json"), "left from an earlier plan").unwrap();

        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        let states: Vec<String> = ids.iter().map(|id| loaded.told(id).to_string()).collect();
        assert_eq!(
            states,
            [
                "done",
                "stale: train.epochs 30 → 20",
                "failed: loss is NaN (log: log.txt)",
                "missing"
            ]
        );
        assert_eq!(loaded.unplanned, ["old"]);
        assert_eq!(loaded.records[0].record, experiment.records[0].record);
    }

    #[test]
    fn a_model_has_one_place_in_all_experiments_of_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let all = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let mut some = sample::study(&[1], 1);
        some.retain(|sample| ["hybrid", "naive"].contains(&sample.model));
        let mut few = sample::experiment(&some, ReportSpec::default());
        few.card.name = "zwei".to_owned();
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
        assert_ne!(second.place_of_model("hybrid"), few.place_of_model("hybrid"));
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
        // As `list` says it: the next sweep makes it anew.
        let told = loaded.told(&broken);
        assert_eq!(told.name(), "stale");
        assert!(told.reason().contains(&*path.to_string_lossy()), "{told}");
        assert_eq!(loaded.told(&whole), Told::Done);
    }

    #[test]
    fn a_record_of_other_data_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let mut experiment = sample::experiment(&sample::study(&[1], 1)[..2], ReportSpec::default());
        experiment.records[0].record.key.data = "0ther".to_owned();
        sample::write(&experiment, folder.path());
        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        let told = |index: usize| loaded.told(&experiment.records[index].id).to_string();
        assert_eq!([told(0), told(1)], ["stale: the data", "done"]);
    }

    #[test]
    fn what_is_in_no_key_is_shown_as_the_file_says_now() {
        let folder = tempfile::tempdir().unwrap();
        let mut experiment = sample::experiment(&sample::study(&[1], 1)[..2], ReportSpec::default());
        for cell in experiment.card.cells.values_mut() {
            let cell = &mut cell.configuration;
            cell["dataset"]["unit"] = json!("EUR");
            cell["dataset"]["file"] = json!("moved.csv");
        }
        sample::write(&experiment, folder.path());
        let loaded = load(folder.path()).unwrap().experiments.remove(0);
        assert_eq!(loaded.records.len(), 2);
        for stored in &loaded.records {
            let records = [&stored.record];
            assert_eq!(crate::report::metrics::unit("mse", records), "EUR²");
            assert_eq!(stored.record.configuration["dataset"]["file"], "moved.csv");
        }
    }
}
