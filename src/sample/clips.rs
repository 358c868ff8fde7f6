//! Made-up classifications of clips: scores that lie on the right side as often as the model decides.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::resolved;
use crate::language::configuration::without_idle;
use crate::metric::{self, Predictions, Scored};
use crate::rng;
use crate::store::key::digest_of;
use crate::store::record::{Key, Record, Stored};

/// One made-up cell on the dataset `hockey`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClipSample {
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
pub(crate) const EACH: usize = 100;

/// A network over three seeds, and two baselines.
pub(crate) fn study() -> Vec<ClipSample> {
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
    pub(crate) fn id(&self) -> String {
        let mut id = format!("hockey,{}", self.model);
        if let Some(seed) = self.seed {
            id += &format!(",batch_size={},seed={seed}", self.batch_size);
        }
        id
    }

    /// The cell's configuration.
    pub(crate) fn configuration(&self) -> Value {
        let is_network = self.seed.is_some();
        let model = match (is_network, self.model) {
            (true, _) => json!({"kind": "conv_lstm", "filters": 256, "dense": [1000, 256, 10]}),
            (false, "linear_probe") => json!({"kind": "linear_probe"}),
            (false, _) => json!({"kind": "majority"}),
        };
        resolved(json!({
            "data": self.data(),
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

    /// The settings of its data.
    pub(crate) fn data(&self) -> Value {
        // A baseline has no validation set.
        let validation = if self.seed.is_some() { 0.1 } else { 0.0 };
        json!({
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
        })
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
    pub(crate) fn record(&self) -> Stored {
        let predictions = Predictions::Binary {
            classes: ["fight", "no fight"].map(str::to_owned),
            samples: self.scores().into_iter().collect(),
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
            refits: Vec::new(),
            scored_by: metric::VERSION,
            version: 1,
        };
        Stored { id: self.id(), record }
    }
}

fn history(seed: u64) -> BTreeMap<String, Vec<f64>> {
    let mut chance = rng::stream(seed, "sample/clips/history", 0, 0);
    let mut falling = |from: f64, to: f64| -> Vec<f64> {
        let at = |epoch: u32| to + (from - to) * (-0.3 * f64::from(epoch)).exp();
        (0..20).map(|epoch| at(epoch) * (1.0 + 0.05 * chance.uniform())).collect()
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
