//! Experiment + data → its card, which holds what the report needs beside the records.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::{Result, bail};

use super::data::{DataBook, DataState};
use super::pictures::{self, Album};
use crate::console;
use crate::data::card::Front;
use crate::data::{FORMS, Outputs};
use crate::files::{self, Broken};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::model::{LayerSummary, Role};
use crate::nn::weights::Weights;
use crate::store::card::{self, BackboneCard, Card, Contents, CutCard, DatasetCard, ModelCard, PlannedCell, cut_order};
use crate::store::key::digest_of;
use crate::store::paths::Results;

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
    let parts = Parts {
        experiment,
        data,
        results,
        before: before.as_ref(),
    };
    let card = parts.card()?;
    if before.as_ref() != Some(&card) {
        files::write_json(&results.card(&experiment.name)?, &card)?;
    }
    pictures::clear(&card, before.as_ref(), results)
}

/// What a card is made from.
struct Parts<'a> {
    experiment: &'a Experiment,
    data: &'a DataBook,
    results: &'a Results,
    before: Option<&'a Card>,
}

/// What a network is ordered by: the place of its data's form, its name, and a digest of what tells it from others of that name.
type ModelOrder = (Option<usize>, String, String, usize);

impl Parts<'_> {
    fn card(&self) -> Result<Card> {
        let mut datasets = BTreeMap::new();
        let mut cuts: BTreeMap<[String; 3], CutCard> = BTreeMap::new();
        let mut backbones: BTreeMap<String, BackboneCard> = BTreeMap::new();
        let mut models: BTreeMap<ModelOrder, ModelCard> = BTreeMap::new();
        let mut orders = Vec::new();
        // Of a dataset with several settings, the card shows what networks see.
        let (networks, baselines): (Vec<&Cell>, Vec<&Cell>) =
            self.experiment.cells.iter().partition(|cell| cell.model.trains());
        for cell in networks.into_iter().chain(baselines) {
            let configuration = cell.configuration();
            if let Entry::Vacant(place) = datasets.entry(cell.dataset_name.clone()) {
                place.insert(self.dataset(cell)?);
            }
            let cut = cut_order(&configuration);
            if let Entry::Vacant(place) = cuts.entry(cut.clone()) {
                place.insert(self.cut(cell, &cut)?);
            }
            let shape = cuts[&cut].shape.clone();
            let outputs = self.outputs(cell, &cuts[&cut]);
            let front = cell.data.front()?;
            let backbone = front.as_ref().map(|front| digest_of(&(&front.card.settings, &shape)));
            if let (Some(order), Some(front)) = (&backbone, &front) {
                backbones.entry(order.clone()).or_insert_with(|| front.card.clone());
            }
            let mut model = None;
            if cell.model.trains() {
                let seen = front.as_ref().map_or(&shape, |front| &front.layer.output);
                let settings = &configuration["model"];
                let listed_by = cell.data.listed_by(&cell.model_name, seen, &outputs, settings);
                let form = FORMS.iter().position(|form| *form == cell.data.form());
                let order = (form, cell.model_name.clone(), digest_of(&listed_by), outputs_of_each(cell));
                if let Entry::Vacant(place) = models.entry(order.clone()) {
                    place.insert(ModelCard {
                        model: cell.model_name.clone(),
                        layers: layers(cell, front.as_ref(), seen, &outputs)?,
                        input: shape,
                        settings: settings.clone(),
                    });
                }
                model = Some(order);
            }
            orders.push((cell, configuration, cut, backbone, model));
        }
        let cells = orders.into_iter().map(|(cell, configuration, cut, backbone, model)| {
            let planned = PlannedCell {
                backbone: backbone.and_then(|order| place_of(&backbones, &order)),
                configuration,
                cut: place_of(&cuts, &cut),
                model: model.and_then(|order| place_of(&models, &order)),
            };
            (cell.id.clone(), planned)
        });
        Ok(Card {
            cells: cells.collect(),
            backbones: backbones.into_values().collect(),
            cuts: cuts.into_values().collect(),
            datasets,
            models: models.into_values().collect(),
            name: self.experiment.name.clone(),
            reference: self.experiment.reference.clone(),
            report: self.experiment.report.clone(),
            title: self.experiment.title.clone(),
            version: card::VERSION,
        })
    }

    fn dataset(&self, cell: &Cell) -> Result<DatasetCard> {
        let form = cell.data.form();
        Ok(DatasetCard {
            form: form.word.to_owned(),
            read: self.contents(cell)?,
            task: form.task.word.to_owned(),
        })
    }

    fn contents(&self, cell: &Cell) -> Result<Option<Contents>> {
        let earlier = self.before.and_then(|card| card.contents(&cell.dataset_name));
        let Some((raw, _)) = self.data.raw(&cell.data) else {
            return Ok(earlier.map(|earlier| {
                let mut known = earlier.clone();
                cell.data.rename(&mut known);
                known
            }));
        };
        let album = Album {
            experiment: self.experiment,
            results: self.results,
            dataset: &cell.dataset_name,
        };
        let contents = cell.data.contents(raw)?;
        Ok(Some(Contents {
            pictures: album.pictures(&cell.data, raw, earlier)?,
            ..contents
        }))
    }

    /// What a network predicts of the cell's data; where they are not here and the settings do not tell either, as an earlier sweep saw
    /// it: every feature is a target then.
    fn outputs(&self, cell: &Cell, cut: &CutCard) -> Outputs {
        let raw = self.data.raw(&cell.data).map(|(raw, _)| raw);
        let mut outputs = cell.data.outputs(raw);
        if let (None, [_, seen]) = (raw, &cut.targets[..])
            && outputs.targets.len() != *seen
        {
            outputs.targets = (0..*seen).map(Some).collect();
        }
        outputs
    }

    /// What the cell's data become; as an earlier sweep saw it where they are not here. Where they are too few, the settings alone
    /// tell, for its cells say the rest themselves.
    fn cut(&self, cell: &Cell, order: &[String; 3]) -> Result<CutCard> {
        let raw = match self.data.of(&cell.data) {
            DataState::Ready(_) => self.data.raw(&cell.data),
            DataState::Missing(_) => {
                let cells = || self.before.into_iter().flat_map(|card| card.cells.values());
                let same = cells().find(|known| cut_order(&known.configuration) == *order);
                if let Some(known) = same.and_then(|known| self.before?.cut(known)) {
                    return Ok(known.clone());
                }
                None
            }
            DataState::Wrong(_) => None,
        };
        cell.data.cut_card(raw.map(|(raw, _)| raw))
    }
}

/// The layers of the cell's network, built in outline and thrown away, behind the frozen one.
fn layers(cell: &Cell, front: Option<&Front>, input: &[usize], outputs: &Outputs) -> Result<Vec<LayerSummary>> {
    let Role::Network(network) = cell.model.role() else {
        bail!("a baseline has no layers");
    };
    let network = network.build_for(input, outputs, outputs_of_each(cell), &Weights::outline())?;
    let front = front.map(|front| front.layer.clone());
    Ok(front.into_iter().chain(network.summary()).collect())
}

/// Outputs of the cell's network for each number to be predicted.
fn outputs_of_each(cell: &Cell) -> usize {
    cell.train.as_ref().map_or(1, |train| train.loss.outputs())
}

fn place_of<K: Ord, V>(all: &BTreeMap<K, V>, key: &K) -> Option<usize> {
    all.keys().position(|known| known == key)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::nn::resnet50;

    /// Figures 20 and 22 of the source: the layers, their shapes and their counts, though nothing was trained here.
    #[test]
    fn the_summary_is_that_of_the_source() {
        let experiment = crate::language::load(std::path::Path::new("experiments/violence.toml")).unwrap();
        let cell = experiment.cells.iter().find(|cell| cell.model.trains()).unwrap();
        let front = cell.data.front().unwrap().unwrap();
        let layers = layers(cell, Some(&front), &front.layer.output, &cell.data.outputs(None)).unwrap();
        let lines: Vec<(&str, &[usize], usize)> = layers
            .iter()
            .map(|layer| (layer.name.as_str(), &layer.output[..], layer.trainable + layer.frozen))
            .filter(|(name, ..)| !name.starts_with("dropout"))
            .collect();
        assert_eq!(
            lines,
            [
                ("time_distributed", &[10, 8, 8, 2048][..], 23_587_712),
                ("conv_lstm2d", &[8, 8, 256], 21_234_688),
                ("flatten", &[16384], 0),
                ("batch_normalization", &[16384], 65_536),
                ("dense", &[1000], 16_385_000),
                ("dense_1", &[256], 256_256),
                ("dense_2", &[10], 2570),
                ("dense_3", &[1], 11),
            ]
        );
        let trainable: usize = layers.iter().map(|layer| layer.trainable).sum();
        let frozen: usize = layers.iter().map(|layer| layer.frozen).sum();
        assert_eq!((trainable, frozen), (37_911_293, 23_620_480));
        assert_eq!(trainable + frozen, 61_531_773);
        let extractor = front.card;
        assert_eq!(extractor.output, [8, 8, 2048]);
        let trainable: usize = extractor.layers.iter().map(|layer| layer.trainable).sum();
        assert_eq!(trainable, 23_534_592);
        assert_eq!(resnet50::WIDTH * 32, 2048);
    }
}
