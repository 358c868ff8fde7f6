//! Experiment + data → its card, which holds what the report needs beside the records.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Value, json};

use super::data::{DataBook, DataState};
use super::{clips_card, pictures};
use crate::console;
use crate::data::DataSpec;
use crate::data::series::checked::Series;
use crate::files::{self, Broken};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::nn::weights::Weights;
use crate::store::card::{self, Card, CutCard, DatasetCard, ModelCard};
use crate::store::key::digest_of;
use crate::store::paths::Results;

/// Points that a series is thinned to.
const SERIES_POINTS: usize = 400;

/// Days at the end of a series that are kept as they are.
const RECENT_DAYS: usize = 60;

/// Writes the card of an experiment. Datasets that are not here keep what an earlier sweep saw of them.
///
/// # Errors
/// When the earlier card cannot be read or the new one not be written.
pub(crate) fn write(experiment: &Experiment, data: &DataBook, results: &Results) -> Result<()> {
    let before = match Card::read(results, &experiment.name) {
        Err(error) if error.is::<Broken>() => {
            console::say(&format!("warning: {error}; the card is made anew"));
            None
        }
        read => read?,
    };
    let mut card = card_of(experiment, data, before.as_ref())?;
    clips_card::add(&mut card, experiment, data, results, before.as_ref())?;
    if before.as_ref() != Some(&card) {
        files::write_json(&results.card(&experiment.name)?, &card)?;
    }
    pictures::clear(&card, before.as_ref(), results)
}

fn card_of(experiment: &Experiment, data: &DataBook, before: Option<&Card>) -> Result<Card> {
    let mut card = Card {
        backbones: Vec::new(),
        cells: BTreeMap::new(),
        clip_cuts: Vec::new(),
        clips: BTreeMap::new(),
        datasets: BTreeMap::new(),
        cuts: Vec::new(),
        models: Vec::new(),
        name: experiment.name.clone(),
        reference: experiment.reference.clone(),
        report: experiment.report.clone(),
        title: experiment.title.clone(),
        version: card::VERSION,
    };
    for cell in &experiment.cells {
        card.cells.insert(cell.id.clone(), cell.configuration());
    }
    let (networks, baselines): (Vec<&Cell>, Vec<&Cell>) = experiment
        .cells
        .iter()
        .filter(|cell| matches!(*cell.data, DataSpec::Series(_)))
        .partition(|cell| cell.model.trains());
    let trained_on: BTreeSet<&str> = networks.iter().map(|cell| cell.dataset_name.as_str()).collect();
    let mut cuts = BTreeMap::new();
    let mut models = BTreeMap::new();
    for cell in networks.into_iter().chain(baselines) {
        let configuration = cell.configuration();
        if let Entry::Vacant(place) = card.datasets.entry(cell.dataset_name.clone())
            && let Some(dataset) = dataset_card(cell, data, before)
        {
            place.insert(dataset);
        }
        if !cell.model.trains() && trained_on.contains(cell.dataset_name.as_str()) {
            continue; // a baseline reads no scaling: its cut would be a network's with less to say
        }
        let settings = json!({ "split": configuration["split"], "window": configuration["window"] });
        let cut = match cuts.entry((cell.dataset_name.clone(), digest_of(&settings))) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(cut_card(cell, &settings, data, before)?),
        };
        if cell.model.trains()
            && let Some(cut) = cut
        {
            let input = cut.train[1..].to_vec();
            let name = (
                cell.model_name.clone(),
                digest_of(&(
                    &input,
                    json!({ "regression": { "horizon": cell.data.outputs() } }),
                    &configuration["model"],
                )),
            );
            if let Entry::Vacant(place) = models.entry(name) {
                place.insert(model_card(cell, input, &configuration["model"])?);
            }
        }
    }
    card.cuts = cuts.into_values().flatten().collect();
    card.models = models.into_values().collect();
    Ok(card)
}

fn dataset_card(cell: &Cell, data: &DataBook, before: Option<&Card>) -> Option<DatasetCard> {
    let Some((series, digests)) = data.raw_as::<Series>(&cell.data) else {
        let mut known = before?.datasets.get(&cell.dataset_name)?.clone();
        // The data are as they were seen; what they are called is as the file says now.
        if let Some(unit) = cell.configuration()["dataset"]["unit"].as_str() {
            unit.clone_into(&mut known.unit);
        }
        return Some(known);
    };
    Some(DatasetCard {
        columns: series.preview.header.clone(),
        digest: digests.data.clone(),
        source: series.source.clone(),
        first: series.preview.first.clone(),
        last: series.preview.last.clone(),
        rows: series.rows(),
        series: thinned(series),
        target: series.target().name.clone(),
        unit: series.unit.clone(),
        hole: series.hole(),
    })
}

/// The target over time: thinned, but for the last days, which stand before the forecasts in a figure.
fn thinned(series: &Series) -> Vec<(String, f64)> {
    let recent = series.rows().saturating_sub(RECENT_DAYS);
    let early = series.thinned(SERIES_POINTS - RECENT_DAYS).into_iter();
    let early = early.take_while(|(date, _)| *date < series.dates[recent]);
    let late = series.dates[recent..]
        .iter()
        .copied()
        .zip(series.target().values[recent..].iter().copied());
    early.chain(late).map(|(date, value)| (date.to_string(), value)).collect()
}

/// What the cell's dataset becomes; as an earlier sweep saw it where the data are not here, and nothing where they are too
/// short, which its cells say themselves.
fn cut_card(cell: &Cell, settings: &Value, data: &DataBook, before: Option<&Card>) -> Result<Option<CutCard>> {
    if matches!(data.of(&cell.data), DataState::Missing(_)) {
        let same = |cut: &&CutCard| cut.dataset == cell.dataset_name && cut.settings == *settings;
        return Ok(before.and_then(|card| card.cuts.iter().find(same)).cloned());
    }
    let (DataSpec::Series(settled), Some((series, _))) = (&*cell.data, data.raw_as::<Series>(&cell.data)) else {
        return Ok(None);
    };
    if data.of(&cell.data).digests().is_none() {
        return Ok(None);
    }
    let cut = settled.cut(series)?;
    Ok(Some(CutCard {
        dataset: cell.dataset_name.clone(),
        settings: settings.clone(),
        all: cut.all,
        train: cut.train,
        train_targets: cut.train_targets,
        validation: cut.validation,
        test: cut.test,
        test_targets: cut.test_targets,
        train_days: cut.train_days.map(|day| day.to_string()),
        test_days: cut.test_days.map(|day| day.to_string()),
        offset: cut.target.offset,
        factor: cut.target.factor,
    }))
}

/// The layers of the cell's network, built in outline and thrown away.
fn model_card(cell: &Cell, input: Vec<usize>, settings: &Value) -> Result<ModelCard> {
    let weights = Weights::outline();
    let network = cell.model.build(&input, cell.data.outputs(), &weights)?;
    Ok(ModelCard {
        model: cell.model_name.clone(),
        layers: network.summary(),
        input,
        settings: settings.clone(),
    })
}
