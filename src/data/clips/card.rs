//! What a reader sees of clips: their classes, how they are split, the steps, the frozen network, and pictures of some.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::data::raw_list;
use super::features::backbone::BackboneSpec;
use super::{ClipList, ClipSplit, ClipsData, FORM, Step, frame_count, output_shape, run_until_normalise};
use crate::console::grouped;
use crate::data::card::{
    BackboneCard, ClassCard, Contents, CutCard, Front, Leak, LeakKind, Part, Shown, Stage, TEST, TRAINING, VALIDATION,
};
use crate::data::{Described, Raw};
use crate::nn::LayerSummary;

impl Described for ClipsData {
    fn contents(&self, raw: &dyn Raw) -> anyhow::Result<Contents> {
        let list = raw_list(raw)?;
        let all: Vec<usize> = (0..list.clips.len()).collect();
        let counts = list.classes.iter().zip(counts(list, &all));
        Ok(Contents {
            classes: counts
                .map(|(name, items)| ClassCard {
                    items,
                    name: name.clone(),
                })
                .collect(),
            digest: list.digest(),
            identical: identical(list),
            items: all.len(),
            noun: "clips".to_owned(),
            shape: self.images().to_vec(),
            source: self.source.origin(list),
            ..Contents::default()
        })
    }

    fn cut_card(&self, raw: Option<&dyn Raw>) -> anyhow::Result<CutCard> {
        let mut stages = steps(self.source.steps());
        if let Some(backbone) = &self.backbone {
            stages.extend(of_backbone(backbone, self.images()));
        }
        let told = CutCard {
            shape: self.images().to_vec(),
            split: self.split.in_words(),
            stages,
            ..CutCard::default()
        };
        let Some(raw) = raw else { return Ok(told) };
        let list = raw_list(raw)?;
        let cut = self.cut(list)?;
        let part = |name, clips: &[usize]| part(name, &counts(list, clips));
        let mut parts = vec![part(TRAINING, &cut.train)];
        if !cut.validation.is_empty() {
            parts.push(part(VALIDATION, &cut.validation));
        }
        parts.push(part(TEST, &cut.test));
        Ok(CutCard {
            all: list.clips.len(),
            leaks: leaks(&self.split, &cut.straddling, cut.neighbours, cut.test.len()),
            parts,
            ..told
        })
    }

    /// Its layers are counted as Keras counts them before they are frozen.
    fn front(&self) -> anyhow::Result<Option<Front>> {
        let (Some(backbone), images) = (&self.backbone, self.images()) else {
            return Ok(None);
        };
        let layers = backbone.layers(images);
        let layer = LayerSummary {
            name: "time_distributed".to_owned(),
            kind: "TimeDistributed(ResNet50)".to_owned(),
            output: backbone.output_shape(images)?.to_vec(),
            trainable: 0,
            frozen: layers.iter().map(|layer| layer.numbers).sum(),
        };
        let output = layers.last().map(|layer| layer.output.clone());
        let card = BackboneCard {
            input: images[1..].to_vec(),
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
            settings: json!(backbone),
        };
        Ok(Some(Front { card, layer }))
    }

    fn pictured_by(&self) -> Option<Value> {
        Some(json!(self.source.steps()))
    }

    /// The first clip of each class, as the steps before the normalisation make it.
    fn shown(&self, raw: &dyn Raw) -> anyhow::Result<Vec<Shown>> {
        let list = raw_list(raw)?;
        let steps = self.source.steps();
        let differences = steps.contains(&Step::PairDifference);
        let firsts = [0, 1].into_iter().filter_map(|label| {
            let mut clips = list.clips.iter();
            clips.find(|clip| clip.label == label)
        });
        let shown = firsts.map(|clip| Shown {
            class: usize::from(clip.label),
            item: clip.name.clone(),
            shows: if differences { "difference images" } else { "frames" },
            images: clip
                .frames(frame_count(steps))
                .and_then(|frames| run_until_normalise(steps, frames))
                .and_then(|images| (0..images.count).map(|number| images.image(number)).collect()),
        });
        Ok(shown.collect())
    }
}

/// A part of a split with so many clips of each class.
pub(crate) fn part(name: &str, by_class: &[usize; 2]) -> Part {
    Part {
        by_class: by_class.to_vec(),
        items: by_class.iter().sum(),
        name: name.to_owned(),
        span: None,
    }
}

/// What training sees of the test: groups of identical clips on both sides, and tested clips with a neighbour in training.
pub(crate) fn leaks(split: &ClipSplit, straddling: &[Vec<String>], neighbours: usize, tested: usize) -> Vec<Leak> {
    let groups: Vec<String> = straddling.iter().map(|group| group.join(" = ")).collect();
    let identical = (!groups.is_empty()).then(|| Leak {
        kind: LeakKind::IdenticalItems,
        sentence: format!(
            "The same bytes lie in the test set and in training or validation: {}; duplicates = \"together\" in [split] keeps \
             them on one side.",
            groups.join(", ")
        ),
    });
    let count = |count: usize| grouped(&count.to_string());
    let near = (neighbours > 0).then(|| Leak {
        kind: LeakKind::NeighbouringItems,
        sentence: format!(
            "{} of {} {} have a neighbour in number in training or validation; {}.",
            count(neighbours),
            count(tested),
            FORM.noun.tested,
            split.advice_on_neighbours()
        ),
    });
    identical.into_iter().chain(near).collect()
}

/// One stage for each step, with the shape after it.
fn steps(steps: &[Step]) -> Vec<Stage> {
    let stage = |(index, step): (usize, &Step)| {
        let shape = output_shape(&steps[..=index]);
        Stage {
            detail: step.sentence(),
            each: false,
            name: step.word().replace('_', " "),
            part: "Steps".to_owned(),
            // No image has a size before a step sets it.
            shape: if shape.contains(&0) { Vec::new() } else { shape.to_vec() },
        }
    };
    steps.iter().enumerate().map(stage).collect()
}

/// The frozen network, and the pooling of its maps.
fn of_backbone(backbone: &BackboneSpec, images: [usize; 4]) -> Vec<Stage> {
    let settings = json!(backbone);
    let mut detail = vec!["frozen, run once for each picture".to_owned()];
    for (key, value) in settings.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "kind" | "pool") {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            detail.push(format!("{} {value}", key.replace('_', " ")));
        }
    }
    let weights: usize = backbone.layers(images).iter().map(|layer| layer.numbers).sum();
    detail.push(format!("{} weights", grouped(&weights.to_string())));
    let stage = |name: &str, detail, shape: &[usize]| Stage {
        detail,
        each: true,
        name: name.to_owned(),
        part: "Feature extractor".to_owned(),
        shape: shape.to_vec(),
    };
    let [_, maps @ ..] = backbone.unpooled_shape(images);
    let mut stages = vec![stage(settings["kind"].as_str().unwrap_or_default(), detail.join(", "), &maps)];
    let pool = backbone.pool();
    if pool > 1 {
        let detail = format!("{pool} × {pool} places of the feature map become one");
        let [height, width, channel] = maps;
        stages.push(stage("average pooling", detail, &[height / pool, width / pool, channel]));
    }
    stages
}

/// Clips of each class among those at `indices`.
fn counts(list: &ClipList, indices: &[usize]) -> [usize; 2] {
    [0, 1].map(|label| {
        let of_label = |index: &&usize| list.clips[**index].label == label;
        indices.iter().filter(of_label).count()
    })
}

/// Groups of clips that are the same byte for byte.
fn identical(list: &ClipList) -> Vec<Vec<String>> {
    let mut by_digest: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for clip in &list.clips {
        let same = by_digest.entry(&clip.digest).or_default();
        same.push(clip.name.clone());
    }
    let mut groups: Vec<Vec<String>> = by_digest.into_values().filter(|same| same.len() > 1).collect();
    groups.sort();
    groups
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn shapes_follow_the_steps() {
        let written = json!([
            {"frames": 20}, {"resize": 256}, "pair_difference", {"normalise": "imagenet"}, "neighbour_difference",
            {"pad_front": 10}
        ]);
        let stages = steps(&serde_json::from_value::<Vec<Step>>(written).unwrap());
        let shapes: Vec<&[usize]> = stages.iter().map(|stage| &stage.shape[..]).collect();
        let expected: [&[usize]; 6] = [
            &[],
            &[20, 256, 256, 3],
            &[10, 256, 256, 3],
            &[10, 256, 256, 3],
            &[9, 256, 256, 3],
            &[10, 256, 256, 3],
        ];
        assert_eq!(shapes, expected);
        assert_eq!(stages[2].name, "pair difference");
    }
}
