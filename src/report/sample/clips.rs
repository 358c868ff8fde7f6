//! Made-up classifications of clips: scores that lie on the right side as often as the model decides.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::resolved;
use crate::metric::{self, Predictions, Scored};
use crate::model::LayerSummary;
use crate::report::picture;
use crate::report::results::ExperimentResults;
use crate::rng;
use crate::spec::configuration::without_idle;
use crate::spec::report::ReportSpec;
use crate::store::card::{BackboneCard, Card, ClipCutCard, ClipsCard, ModelCard, SequenceCard};
use crate::store::key::digest_of;
use crate::store::record::{Key, Record, Stored};

/// One made-up cell on the dataset `hockey`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipSample {
    /// `majority` and `linear_probe` are baselines; other names are networks.
    pub model: &'static str,
    /// Absent for a baseline.
    pub seed: Option<u64>,
    /// Standard deviation of the logit around ±3.
    pub noise: f64,
    /// `train.batch_size`
    pub batch_size: u64,
}

/// Test clips of each class.
pub const EACH: usize = 100;

/// A network over three seeds, and two baselines.
pub fn study() -> Vec<ClipSample> {
    let network = |seed| ClipSample {
        model: "conv_lstm",
        seed: Some(seed),
        noise: 1.6,
        batch_size: 8,
    };
    let baseline = |model, noise| ClipSample {
        model,
        seed: None,
        noise,
        batch_size: 8,
    };
    let baselines = [baseline("linear_probe", 3.5), baseline("majority", 0.0)];
    (0..3).map(network).chain(baselines).collect()
}

impl ClipSample {
    /// The cell's id.
    pub fn id(&self) -> String {
        let mut id = format!("dataset=hockey,model={}", self.model);
        if let Some(seed) = self.seed.filter(|&seed| seed != 0) {
            id += &format!(",seed={seed}");
        }
        if self.batch_size != 8 {
            id += &format!(",train.batch_size={}", self.batch_size);
        }
        id
    }

    /// The cell's configuration.
    pub fn configuration(&self) -> Value {
        let is_network = self.seed.is_some();
        let model = match (is_network, self.model) {
            (true, _) => json!({"kind": "conv_lstm", "filters": 256, "dense": [1000, 256, 10]}),
            (false, "linear_probe") => json!({"kind": "linear_probe"}),
            (false, _) => json!({"kind": "majority"}),
        };
        // A baseline has no validation set.
        let validation = if is_network { 0.1 } else { 0.0 };
        resolved(json!({
            "data": {
                "form": "clips",
                "backbone": {"kind": "resnet50", "variant": "keras", "weights": "resnet50-keras", "pool": 1},
                "source": {
                    "kind": "clips", "folder": "hockey_fights", "classes": [["fi", "fight"], ["no", "no fight"]],
                    "steps": [
                        {"frames": 20}, {"resize": 256}, "pair_difference", {"normalise": "imagenet"},
                        {"augment": {"probability": 0.5, "crop": 0.7, "transpose": "always", "variants": 1, "seed": 0}},
                        "neighbour_difference", {"pad_front": 10}
                    ],
                },
                "split": {"kind": "stratified", "test": 0.2, "validation": validation, "seed": 0},
            },
            "dataset_name": "hockey",
            "model": model,
            "model_name": self.model,
            "seed": self.seed,
            "train": is_network.then(|| json!({
                "epochs": 20, "batch_size": self.batch_size, "loss": "binary_cross_entropy",
                "optimizer": {"kind": "rmsprop"}, "learning_rate": 0.001,
                "early_stopping": {"monitor": "validation_loss", "patience": 5, "min_delta": 0.0}
            })),
        }))
    }

    fn scores(&self) -> Vec<Scored> {
        let mut chance = rng::stream(self.seed.unwrap_or(7), "sample/clips", self.batch_size, 0);
        (0..2 * EACH)
            .map(|index| {
                let label = u8::from(index >= EACH);
                let side = if label == 1 { 3.0 } else { -3.0 };
                let logit: f64 = match self.model {
                    "majority" => 0.0,
                    _ => side + self.noise * chance.normal(),
                };
                let prefix = if label == 1 { "no" } else { "fi" };
                Scored {
                    name: format!("{prefix}{}", index % EACH + 1),
                    label,
                    score: 1.0 / (1.0 + (-logit).exp()),
                }
            })
            .collect()
    }

    /// The cell's record.
    pub fn record(&self) -> Stored {
        let predictions = Predictions::Binary {
            classes: ["fight", "no fight"].map(str::to_owned),
            samples: self.scores(),
        };
        let record = Record {
            configuration: self.configuration(),
            history: self.seed.map_or_else(BTreeMap::new, history),
            key: Key {
                weights: None,
                code: BTreeMap::from([("train".to_owned(), 1)]),
                configuration: digest_of(&without_idle(&self.configuration())),
                data: "c1195".to_owned(),
            },
            metrics: metric::score(&predictions),
            predictions,
            provenance: BTreeMap::from([("device".to_owned(), json!("cuda"))]),
            scored_by: metric::VERSION,
            version: 1,
        };
        Stored {
            id: self.id(),
            record,
        }
    }
}

/// An experiment whose plan is exactly these cells, all done, with cards and pictures.
pub fn experiment(samples: &[ClipSample], report: ReportSpec) -> ExperimentResults {
    let mut records: Vec<Stored> = samples.iter().map(ClipSample::record).collect();
    crate::store::record::sort(&mut records);
    let planned = samples.iter().map(|one| (one.id(), one.configuration()));
    let card = Card {
        backbones: vec![backbone()],
        cells: planned.collect(),
        clip_cuts: vec![ClipCutCard {
            dataset: "hockey".to_owned(),
            neighbours: 180,
            settings: json!({"split": study()[0].configuration()["split"]}),
            straddling: vec![["no13", "no14"].map(str::to_owned).to_vec()],
            test: [EACH, EACH],
            train: [360, 360],
            validation: [40, 40],
        }],
        clips: BTreeMap::from([("hockey".to_owned(), clips(&records))]),
        datasets: BTreeMap::new(),
        cuts: Vec::new(),
        models: vec![network()],
        name: "sample_clips".to_owned(),
        reference: BTreeMap::new(),
        report,
        title: "Made-up clips".to_owned(),
        version: 1,
    };
    let media = media(&card)
        .into_iter()
        .filter_map(|(file, bytes)| Some((file, picture::data_uri(&bytes)?)))
        .collect();
    ExperimentResults {
        card,
        records,
        told: BTreeMap::new(),
        unplanned: Vec::new(),
        models_of_page: Default::default(),
        media,
    }
}

/// A picture for each file that a card names: shades that differ from file to file.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub fn media(card: &Card) -> BTreeMap<String, Vec<u8>> {
    let drawn = |file: &str| {
        let shift = file.bytes().map(u32::from).sum::<u32>();
        let pixels = image::RgbImage::from_fn(48, 48, |x, y| {
            let wave = |a: u32, b: u32| ((x * a + y * b + shift * 3) % 251) as u8;
            image::Rgb([wave(3, 1) / 2, wave(1, 4), wave(5, 2) / 3])
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        pixels
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    };
    let files = card.pictures().into_iter();
    files.map(|file| (file.to_owned(), drawn(file))).collect()
}

fn clips(records: &[Stored]) -> ClipsCard {
    let wrong = records.iter().flat_map(|stored| {
        let items = stored
            .record
            .predictions
            .scored()
            .unwrap_or_default()
            .iter();
        items.filter(|item| u8::from(item.score >= 0.5) != item.label)
    });
    let sequence = |clip: &str, label: u8| SequenceCard {
        clip: clip.to_owned(),
        label,
        pictures: (0..10)
            .map(|index| format!("hockey-{clip}-{index}.png"))
            .collect(),
        step: "difference images".to_owned(),
    };
    ClipsCard {
        classes: ["fight", "no fight"].map(str::to_owned),
        counts: [500, 500],
        digest: "c1195".to_owned(),
        duplicates: vec![["no13", "no14"].map(str::to_owned).to_vec()],
        sequences: vec![sequence("fi1", 0), sequence("no1", 1)],
        shape: [10, 256, 256, 3],
        source: "hockey_fights".to_owned(),
        steps: study()[0].configuration()["dataset"]["steps"].clone(),
        thumbnails: wrong
            .map(|item| (item.name.clone(), format!("hockey-{}.png", item.name)))
            .collect(),
    }
}

fn backbone() -> BackboneCard {
    BackboneCard {
        input: vec![256, 256, 3],
        layers: vec![LayerSummary {
            name: "resnet50".to_owned(),
            kind: "ResNet50".to_owned(),
            output: vec![8, 8, 2048],
            trainable: 23_534_592,
            frozen: 53_120,
        }],
        output: vec![8, 8, 2048],
        settings: study()[0].configuration()["backbone"].clone(),
    }
}

/// Figure 22 of the violence study.
fn network() -> ModelCard {
    let layer = |name: &str, kind: &str, output: &[usize], trainable, frozen| LayerSummary {
        name: name.to_owned(),
        kind: kind.to_owned(),
        output: output.to_vec(),
        trainable,
        frozen,
    };
    ModelCard {
        model: "conv_lstm".to_owned(),
        input: vec![10, 256, 256, 3],
        layers: vec![
            layer(
                "time_distributed",
                "TimeDistributed(ResNet50)",
                &[10, 8, 8, 2048],
                0,
                23_587_712,
            ),
            layer("conv_lstm2d", "ConvLSTM2D", &[8, 8, 256], 21_234_688, 0),
            layer("flatten", "Flatten", &[16_384], 0, 0),
            layer(
                "batch_normalization",
                "BatchNormalization",
                &[16_384],
                32_768,
                32_768,
            ),
            layer("dense", "Linear", &[1000], 16_385_000, 0),
            layer("dense_1", "Linear", &[256], 256_256, 0),
            layer("dense_2", "Linear", &[10], 2_570, 0),
            layer("dense_3", "Linear", &[1], 11, 0),
        ],
        settings: study()[0].configuration()["model"].clone(),
    }
}

fn history(seed: u64) -> BTreeMap<String, Vec<f64>> {
    let mut chance = rng::stream(seed, "sample/clips/history", 0, 0);
    let mut falling = |from: f64, to: f64| -> Vec<f64> {
        let at = |epoch: u32| to + (from - to) * (-0.3 * f64::from(epoch)).exp();
        (0..20)
            .map(|epoch| at(epoch) * (1.0 + 0.05 * chance.uniform()))
            .collect()
    };
    let share = |errors: Vec<f64>| errors.into_iter().map(|error| 1.0 - error).collect();
    BTreeMap::from([
        ("accuracy".to_owned(), share(falling(0.4, 0.01))),
        ("learning_rate".to_owned(), vec![0.001; 20]),
        ("loss".to_owned(), falling(0.7, 0.02)),
        ("validation_accuracy".to_owned(), share(falling(0.4, 0.05))),
        ("validation_loss".to_owned(), falling(0.8, 0.15)),
    ])
}
