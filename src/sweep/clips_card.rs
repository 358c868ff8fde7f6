//! What the report needs of clips beside the records: the clips, how they are split, and the frozen network in front.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Result;
use serde_json::{Value, json};

use super::data::DataBook;
use super::pictures::Album;
use crate::data::clips::features::backbone::BackboneSpec;
use crate::data::clips::{self, ClipList, ClipsData, FoundClips};
use crate::data::{ClipsSource, DataSpec};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::model::LayerSummary;
use crate::nn::weights::Weights;
use crate::store::card::{BackboneCard, Card, ClipCutCard, ClipsCard, ModelCard};
use crate::store::key::digest_of;
use crate::store::paths::Results;

/// Adds what the cells of clips need; datasets that are not here keep what an earlier sweep saw of them.
pub(super) fn add(
    card: &mut Card,
    experiment: &Experiment,
    data: &DataBook,
    results: &Results,
    before: Option<&Card>,
) -> Result<()> {
    let mut cuts = BTreeMap::new();
    let mut backbones = BTreeMap::new();
    let mut models = BTreeMap::new();
    for cell in &experiment.cells {
        let DataSpec::Clips(clips) = &*cell.data else {
            continue;
        };
        let ClipsData { source, backbone, .. } = clips;
        let configuration = cell.configuration();
        let found = data.raw_as::<FoundClips>(&cell.data);
        let list = found.map(|(found, _)| &found.list);
        if let Entry::Vacant(place) = card.clips.entry(cell.dataset_name.clone()) {
            let earlier = before.and_then(|card| card.clips.get(&cell.dataset_name));
            let now = match list {
                Some(list) => Some(dataset_card(cell, source, list, experiment, results, earlier)?),
                None => earlier.cloned(),
            };
            now.map(|dataset| place.insert(dataset));
        }
        let settings = json!({ "split": configuration["split"] });
        let cut = (cell.dataset_name.clone(), digest_of(&settings));
        if let Entry::Vacant(place) = cuts.entry(cut) {
            place.insert(cut_card(cell, clips, settings, list, before)?);
        }
        let Some(backbone) = backbone else { continue };
        let shape = clips.images();
        backbones
            .entry(digest_of(&(backbone, shape)))
            .or_insert_with(|| backbone_card(backbone, shape, &configuration["backbone"]));
        if cell.model.trains() {
            let input = backbone.output_shape(shape)?.to_vec();
            let name = digest_of(&(&cell.model_name, &input, &configuration["model"]));
            if let Entry::Vacant(place) = models.entry((cell.model_name.clone(), name)) {
                place.insert(model_card(cell, backbone, shape, input, &configuration["model"])?);
            }
        }
    }
    card.clip_cuts = cuts.into_values().flatten().collect();
    card.backbones = backbones.into_values().collect();
    card.models.extend(models.into_values());
    Ok(())
}

fn dataset_card(
    cell: &Cell,
    source: &ClipsSource,
    list: &ClipList,
    experiment: &Experiment,
    results: &Results,
    earlier: Option<&ClipsCard>,
) -> Result<ClipsCard> {
    let steps = source.steps();
    let album = Album {
        experiment,
        results,
        dataset: &cell.dataset_name,
    };
    let (digest, written) = (list.digest(), json!(steps));
    let same = match earlier {
        Some(card) if card.digest == digest && card.steps == written => {
            let mut pictures = card.sequences.iter().flat_map(|one| &one.pictures);
            let there = |file: &String| album.holds(file);
            (!card.sequences.is_empty() && pictures.all(there)).then_some(card)
        }
        _ => None,
    };
    let none = BTreeMap::new();
    let known = earlier.map_or(&none, |card| &card.thumbnails);
    Ok(ClipsCard {
        classes: list.classes.clone(),
        counts: counts(list, &(0..list.clips.len()).collect::<Vec<_>>()),
        duplicates: duplicates(list),
        sequences: match same {
            Some(card) => card.sequences.clone(),
            None => album.sequences(list, steps)?,
        },
        shape: clips::output_shape(steps),
        source: source.origin(list),
        steps: written,
        thumbnails: album.thumbnails(list, known)?,
        digest,
    })
}

/// Clips of each class among those at `indices`.
fn counts(list: &ClipList, indices: &[usize]) -> [usize; 2] {
    [0, 1].map(|label| {
        let of_label = |index: &&usize| list.clips[**index].label == label;
        indices.iter().filter(of_label).count()
    })
}

/// Groups of clips that are the same byte for byte.
fn duplicates(list: &ClipList) -> Vec<Vec<String>> {
    let mut by_digest: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for clip in &list.clips {
        let same = by_digest.entry(&clip.digest).or_default();
        same.push(clip.name.clone());
    }
    let mut groups: Vec<Vec<String>> = by_digest.into_values().filter(|same| same.len() > 1).collect();
    groups.sort();
    groups
}

/// How the clips are split; as an earlier sweep saw it where they are not here, and nothing where they cannot be split so,
/// which the cells say themselves.
fn cut_card(
    cell: &Cell,
    clips: &ClipsData,
    settings: Value,
    list: Option<&ClipList>,
    before: Option<&Card>,
) -> Result<Option<ClipCutCard>> {
    let Some(list) = list else {
        let same = |cut: &&ClipCutCard| cut.dataset == cell.dataset_name && cut.settings == settings;
        return Ok(before.and_then(|card| card.clip_cuts.iter().find(same)).cloned());
    };
    let Ok(cut) = clips.cut(list) else {
        return Ok(None);
    };
    Ok(Some(ClipCutCard {
        dataset: cell.dataset_name.clone(),
        neighbours: cut.neighbours,
        settings,
        straddling: cut.straddling,
        test: counts(list, &cut.test),
        train: counts(list, &cut.train),
        validation: counts(list, &cut.validation),
    }))
}

/// The summary of the frozen network, its layers counted as Keras counts them before they are frozen.
fn backbone_card(backbone: &BackboneSpec, shape: [usize; 4], settings: &Value) -> BackboneCard {
    let layers = backbone.layers(shape);
    let output = layers.last().map(|layer| layer.output.clone());
    BackboneCard {
        input: shape[1..].to_vec(),
        layers: layers
            .into_iter()
            .map(|layer| LayerSummary {
                name: layer.name,
                kind: layer.kind.to_owned(),
                output: layer.output,
                trainable: layer.numbers - layer.statistics,
                frozen: layer.statistics,
            })
            .collect(),
        output: output.unwrap_or_default(),
        settings: settings.clone(),
    }
}

/// The layers of the cell's network behind the frozen one; built in outline and thrown away.
fn model_card(
    cell: &Cell,
    backbone: &BackboneSpec,
    shape: [usize; 4],
    input: Vec<usize>,
    settings: &Value,
) -> Result<ModelCard> {
    let network = cell.model.build(&input, cell.data.outputs(), &Weights::outline())?;
    let numbers = backbone.layers(shape).iter().map(|layer| layer.numbers).sum();
    let mut layers = vec![LayerSummary {
        name: "time_distributed".to_owned(),
        kind: "TimeDistributed(ResNet50)".to_owned(),
        output: input.clone(),
        trainable: 0,
        frozen: numbers,
    }];
    layers.extend(network.summary());
    Ok(ModelCard {
        model: cell.model_name.clone(),
        layers,
        input: shape.to_vec(),
        settings: settings.clone(),
    })
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
        let DataSpec::Clips(clips) = &*cell.data else {
            panic!("a study of clips");
        };
        let (shape, backbone) = (clips.images(), clips.backbone.as_ref().unwrap());
        let input = backbone.output_shape(shape).unwrap().to_vec();
        let card = model_card(cell, backbone, shape, input, &Value::Null).unwrap();
        let lines: Vec<(&str, &[usize], usize)> = card
            .layers
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
        let trainable: usize = card.layers.iter().map(|layer| layer.trainable).sum();
        let frozen: usize = card.layers.iter().map(|layer| layer.frozen).sum();
        assert_eq!((trainable, frozen), (37_911_293, 23_620_480));
        assert_eq!(trainable + frozen, 61_531_773);
        let extractor = backbone_card(backbone, shape, &Value::Null);
        assert_eq!(extractor.output, [8, 8, 2048]);
        let trainable: usize = extractor.layers.iter().map(|layer| layer.trainable).sum();
        assert_eq!(trainable, 23_534_592);
        assert_eq!(resnet50::WIDTH * 32, 2048);
    }
}
