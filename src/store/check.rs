//! Whether what was read back can be what this program wrote: a file may have been cut off, edited or forged.
//!
//! Each check gives the reason, for a message that names the file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::card::Card;
use super::key::digest_of;
use super::record::Record;
use crate::data::{form_of_kind, time_and_series};
use crate::files::check_name;
use crate::language::configuration::{origins, trainings, value_at, without_idle};
use crate::metric::{self, Forecast, Forecasts, Predictions, Scored};

/// How far a saved score may be from the one that its predictions give, relatively: less than any change that means something,
/// more than what another machine's logarithm does to a last digit.
const TOLERANCE: f64 = 1e-9;

/// Holds a record to its own invariants: predictions of one shape, histories of one length, a key that names its
/// configuration, and scores that follow from its predictions. Scores that it lacks are added: they were taken out, or their
/// metric is younger than the record.
///
/// # Errors
/// What it contradicts.
pub(crate) fn record(record: &mut Record) -> Result<(), String> {
    for name in ["dataset", "model"] {
        if value_at(&record.configuration, name).is_none_or(|name| !name.is_string()) {
            return Err(format!("its configuration has no name of the {name}"));
        }
    }
    let kind = record.configuration["dataset"]["kind"].as_str();
    let asked = kind.and_then(form_of_kind).map(|form| form.task);
    if asked.is_some_and(|task| task != record.predictions.task()) {
        return Err("its predictions are those of another task".to_owned());
    }
    match &record.predictions {
        Predictions::Regression(given) => forecasts(given, &record.configuration)?,
        Predictions::Binary { samples, .. } => scored(samples)?,
    }
    history(record)?;
    refits(record)?;
    scores(record)?;
    if digest_of(&without_idle(&record.configuration)) != record.key.configuration {
        return Err("its configuration is not the one that its key names".to_owned());
    }
    Ok(())
}

/// Holds a card to the experiment whose folder it lies in.
///
/// # Errors
/// What it contradicts.
pub(crate) fn card(card: &Card, experiment: &str) -> Result<(), String> {
    if card.name != experiment {
        return Err(format!("it is the card of {:?}", card.name));
    }
    let ids = card.cells.keys().map(String::as_str);
    for name in ids.chain(card.pictures()) {
        check_name(name).map_err(|reason| format!("it names {name:?}: {reason}"))?;
    }
    let contents = || card.datasets.values().filter_map(|dataset| dataset.read.as_ref());
    for contents in contents() {
        let mut sequences = contents.pictures.iter().flat_map(|pictures| &pictures.sequences);
        if let Some(sequence) = sequences.find(|one| one.class >= contents.classes.len()) {
            return Err(format!("it has a class {}", sequence.class));
        }
    }
    for (id, cell) in &card.cells {
        let is_beyond = |place: Option<usize>, length: usize| place.is_some_and(|place| place >= length);
        if is_beyond(cell.cut, card.cuts.len())
            || is_beyond(cell.model, card.models.len())
            || is_beyond(cell.backbone, card.backbones.len())
        {
            return Err(format!("it does not hold what the cell {id:?} names"));
        }
        let dataset = value_at(&cell.configuration, "dataset").and_then(Value::as_str);
        if !dataset.is_some_and(|name| card.datasets.contains_key(name)) {
            return Err(format!("it does not hold the dataset of the cell {id:?}"));
        }
    }
    let shapeless = |layer: &crate::model::LayerSummary| layer.output.is_empty();
    if card.models.iter().any(|model| model.input.is_empty())
        || card.backbones.iter().any(|one| one.input.len() != 3 || one.output.len() != 3)
        || card.models.iter().flat_map(|model| &model.layers).any(shapeless)
    {
        return Err("it has a network without shapes".to_owned());
    }
    Ok(())
}

/// Holds the quantiles beside forecasts to their levels.
fn quantiles(levels: &[f64], samples: &[Forecast]) -> Result<(), String> {
    if !levels.is_sorted_by(|a, b| a < b) || levels.iter().any(|level| !(0.0 < *level && *level < 1.0)) {
        return Err(format!("its quantiles are of the levels {levels:?}"));
    }
    for Forecast {
        origin,
        forecast,
        quantiles,
        ..
    } in samples
    {
        if quantiles.len() != levels.len() || quantiles.iter().any(|row| row.len() != forecast.len()) {
            return Err(format!(
                "the forecast from {origin:?} does not have a quantile of each level for each step"
            ));
        }
        if (0..forecast.len()).any(|step| !quantiles.is_sorted_by_key(|row| row[step])) {
            return Err(format!("the quantiles of the forecast from {origin:?} cross"));
        }
    }
    Ok(())
}

fn forecasts(forecasts: &Forecasts, configuration: &Value) -> Result<(), String> {
    let samples = forecasts.whole();
    let targets = match (samples.first(), forecasts.targets()) {
        (Some(first), _) => first.targets(),
        (None, told) if forecasts.summary().is_some() => told.len().max(1),
        _ => return Err("it has no forecasts".to_owned()),
    };
    let columns = forecasts.horizon() * targets;
    let planned = value_at(configuration, "window.horizon").and_then(Value::as_u64);
    if columns == 0 || planned.is_some_and(|planned| planned.saturating_mul(targets as u64) != columns as u64) {
        return Err(match targets {
            1 => format!("its forecasts have {columns} steps"),
            _ => format!("its forecasts have {columns} values of {targets} targets"),
        });
    }
    if !forecasts.targets().is_empty() && forecasts.targets().len() != targets {
        return Err(format!(
            "it tells of {} targets, and forecasts {targets}",
            forecasts.targets().len()
        ));
    }
    if let Some(target) = forecasts.targets().iter().find(|target| target.deviation <= 0.0) {
        return Err(format!("its target {:?} has no deviation above 0", target.name));
    }
    for sample in samples {
        if sample.forecast.len() != columns || sample.truth.len() != columns || sample.targets() != targets {
            return Err(format!(
                "the forecast from {:?} has {} steps, and {} observed values",
                sample.origin,
                sample.forecast.len(),
                sample.truth.len()
            ));
        }
    }
    quantiles(forecasts.levels(), samples)?;
    if !samples.is_sorted_by(|a, b| a.origin < b.origin) {
        return Err("its forecasts are not in the order of time".to_owned());
    }
    let count = forecasts.count();
    let series = forecasts.series().len().max(1);
    if origins(configuration).is_some_and(|origins| origins * series != count) {
        return Err(format!("it has {count} forecasts"));
    }
    each_series(forecasts)?;
    let has_intervals = metric::promised_coverage(forecasts).is_some();
    if forecasts
        .calibration()
        .is_some_and(|calibration| !has_intervals || !calibration.is_possible(targets))
    {
        return Err("what it says its intervals were calibrated on cannot be".to_owned());
    }
    if forecasts.in_sample().is_some_and(|in_sample| !in_sample.is_possible(targets)) {
        return Err("what it says of the target before the test cannot be".to_owned());
    }
    if let Some(summary) = forecasts.summary() {
        summary.check(samples, forecasts.targets(), forecasts.levels(), is_near)?;
    }
    Ok(())
}

/// Holds the scores of each of many series to its own forecasts, where all are kept.
fn each_series(forecasts: &Forecasts) -> Result<(), String> {
    let series = forecasts.series();
    if series.is_empty() {
        return Ok(());
    }
    if !series.is_sorted_by(|a, b| a.name < b.name)
        || series.iter().map(|one| one.windows).sum::<usize>() != forecasts.count()
    {
        return Err("its series are not those of its forecasts".to_owned());
    }
    let Some(all) = forecasts.all() else { return Ok(()) };
    let mut apart: BTreeMap<&str, Vec<Forecast>> = BTreeMap::new();
    for forecast in all {
        let (_, name) = time_and_series(&forecast.origin).ok_or("a forecast of one of its series does not name it")?;
        apart.entry(name).or_default().push(forecast.clone());
    }
    for one in series {
        let own = apart.remove(&*one.name).unwrap_or_default();
        if own.len() != one.windows {
            return Err(format!("its series {:?} has {} forecasts", one.name, own.len()));
        }
        let own = Forecasts::of_targets(forecasts.targets().to_vec(), forecasts.unit.clone(), own);
        let follow = metric::score(&Predictions::Regression(own.with_levels(forecasts.levels())));
        // What is measured by what lay before the test does not follow from the forecasts.
        for (name, saved) in &one.metrics {
            if let Some(score) = follow.get(name).filter(|score| !is_near(*saved, **score)) {
                return Err(format!(
                    "the {name} {saved} of its series {:?} does not follow from its predictions, which give {score}",
                    one.name
                ));
            }
        }
    }
    Ok(())
}

fn scored(samples: &[Scored]) -> Result<(), String> {
    if samples.is_empty() {
        return Err("it has no scored items".to_owned());
    }
    let mut names = BTreeSet::new();
    for item in samples {
        let Scored { name, label, score } = item;
        if *label > 1 {
            return Err(format!("{name:?} is of a class {label}"));
        }
        if !(0.0..=1.0).contains(score) {
            return Err(format!("{name:?} has a probability of {score}"));
        }
        if !names.insert(name) {
            return Err(format!("{name:?} is scored twice"));
        }
    }
    Ok(())
}

fn history(record: &Record) -> Result<(), String> {
    let mut lengths = record.history.values().map(Vec::len);
    let Some(epochs) = lengths.next() else {
        return match record.configuration.get("train") {
            Some(_) => Err("it was trained and has no history".to_owned()),
            None => Ok(()),
        };
    };
    let most = value_at(&record.configuration, "train.epochs").and_then(Value::as_u64);
    if epochs == 0 || lengths.any(|length| length != epochs) || most.is_some_and(|most| epochs as u64 > most) {
        return Err("its history is not one value for each epoch".to_owned());
    }
    Ok(())
}

/// Holds the trainings of a walk to the settings, the forecasts and the history.
fn refits(record: &Record) -> Result<(), String> {
    let (refits, planned) = (&record.refits, trainings(&record.configuration));
    if refits.is_empty() && planned == 1 {
        return Ok(());
    }
    if refits.len() != planned {
        return Err(format!("it has {} refits, and its settings ask for {planned}", refits.len()));
    }
    let forecast = record.predictions.forecasts().map_or(0, Forecasts::count);
    if refits.iter().map(|refit| refit.windows).sum::<usize>() != forecast {
        return Err(format!("its refits do not forecast from {forecast} origins"));
    }
    let mut firsts = refits.iter().scan(0, |place, refit| {
        let first = *place;
        *place += refit.windows;
        Some((first, &refit.origin))
    });
    let all = record.predictions.forecasts().and_then(Forecasts::all);
    let begins_there = |place: usize, origin: &String| all.is_none_or(|all| all[place].origin == *origin);
    if let Some((_, origin)) = firsts.find(|(place, origin)| !begins_there(*place, origin)) {
        return Err(format!("its refit from {origin:?} does not forecast from there"));
    }
    if refits.iter().any(|refit| refit.trained.is_some() != record.is_trained()) {
        return Err("its refits are those of another model".to_owned());
    }
    let most = value_at(&record.configuration, "train.epochs").and_then(Value::as_u64);
    let mut epochs = refits.iter().filter_map(|refit| Some(refit.trained.as_ref()?.epochs));
    if epochs.any(|epochs| epochs == 0 || most.is_some_and(|most| epochs as u64 > most)) {
        return Err("its refits have other epochs than its settings".to_owned());
    }
    let of_first = refits.first().and_then(|refit| Some(refit.trained.as_ref()?.epochs));
    let of_history = record.history.values().map(Vec::len).next();
    if of_first != of_history {
        return Err("its history is not that of its first refit".to_owned());
    }
    Ok(())
}

/// Scores of older formulas are computed again; those of these formulas must follow from the predictions.
fn scores(record: &mut Record) -> Result<(), String> {
    let version = record.scored_by;
    if version > metric::VERSION {
        return Err(format!(
            "its scores are of version {version} of the metrics, this program knows {}; use a newer runner",
            metric::VERSION
        ));
    }
    let follow = metric::score(&record.predictions);
    if version < metric::VERSION {
        record.metrics = follow;
        return Ok(());
    }
    for (name, saved) in &record.metrics {
        // A metric that this program does not know comes from a newer one.
        let known = metric::find(name).is_some();
        match follow.get(name) {
            Some(score) if is_near(*saved, *score) => {}
            Some(score) => {
                return Err(format!(
                    "its {name} of {saved} does not follow from its predictions, which give {score}"
                ));
            }
            None if known => {
                return Err(format!("its predictions define no {name}, and it has one"));
            }
            None => {}
        }
    }
    for (name, score) in follow {
        record.metrics.entry(name).or_insert(score);
    }
    Ok(())
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_that_cross_or_are_not_of_their_levels_are_refused() {
        let sample = |quantiles: &[[f64; 2]]| Forecast {
            origin: "2020-01-31".to_owned(),
            last: 1.0.into(),
            forecast: vec![2.0, 3.0],
            truth: vec![2.0, 3.0],
            quantiles: quantiles.iter().map(|row| row.to_vec()).collect(),
        };
        let (whole, crossing) = ([[1.0, 2.0], [1.5, 4.0]], [[1.0, 2.0], [1.5, 1.0]]);
        let check = |levels: &[f64], rows: &[[f64; 2]]| quantiles(levels, &[sample(rows)]);
        assert_eq!(check(&[0.1, 0.9], &whole), Ok(()));
        assert_eq!(check(&[], &[]), Ok(()));
        for (levels, rows, reason) in [
            (&[0.1, 0.9][..], &crossing[..], "cross"),
            (&[0.1], &whole, "of each level"),
            (&[], &whole, "of each level"),
            (&[0.9, 0.1], &whole, "of the levels"),
            (&[0.0, 0.9], &whole, "of the levels"),
        ] {
            let error = check(levels, rows).err().unwrap_or_default();
            assert!(error.contains(reason), "{levels:?}: {error}");
        }
    }
}
