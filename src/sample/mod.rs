//! Made-up records for tests: prices on a slow wave and forecasts that miss them by an amount which the model decides.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::language::cell::Cell;
use crate::language::configuration::without_idle;
use crate::metric::{self, Forecast, Forecasts, Predictions};
use crate::rng;
use crate::store::key::digest_of;
use crate::store::record::{Key, Record, Stored};

pub(crate) mod clips; // made-up classifications

/// One made-up cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// `litecoin`, or any other name.
    pub dataset: &'static str,
    /// `naive` is a baseline that repeats the last price; other names are networks.
    pub model: &'static str,
    /// Days ahead.
    pub horizon: usize,
    /// Absent for a baseline.
    pub seed: Option<u64>,
    /// Forecast origins: one is a holdout, more are a backtest.
    pub origins: usize,
    /// Typical error of a network's forecast, in USD.
    pub miss: f64,
}

impl Sample {
    /// The cell's id.
    pub(crate) fn id(&self) -> String {
        let mut id = format!("{},{},horizon={}", self.dataset, self.model, self.horizon);
        if let Some(seed) = self.seed {
            id += &format!(",seed={seed}");
        }
        id
    }

    /// The cell's configuration.
    pub(crate) fn configuration(&self) -> Value {
        let split = if self.origins == 1 {
            json!({"kind": "holdout", "validation": 0.0})
        } else {
            json!({"kind": "backtest", "origins": self.origins, "stride": 1, "validation": 0.0})
        };
        let is_network = self.seed.is_some();
        resolved(json!({
            "data": {
                "form": "series",
                "source": {
                    "kind": "prices", "file": format!("crypto/{}.csv", self.dataset), "features": ["Price"],
                    "target": "Price", "calendar": "daily", "unit": "USD",
                },
                "split": split,
                "window": {
                    "lookback": 30, "horizon": self.horizon, "transform": "none", "scale": "min-max",
                    "fit_scale_on": "all",
                },
            },
            "dataset_name": self.dataset,
            "model": match is_network {
                true => json!({"kind": "lstm", "hidden": [30], "dense": [30]}),
                false => json!({"kind": "last_value"}),
            },
            "model_name": self.model,
            "seed": self.seed,
            "train": is_network.then(|| json!({
                "epochs": 20, "batch_size": 32, "loss": "mse", "optimizer": {"kind": "adam"}, "learning_rate": 0.001,
            })),
        }))
    }

    /// The cell's record.
    pub(crate) fn record(&self) -> Stored {
        let seed = self.seed.unwrap_or_default();
        let name = format!("sample/{}/{}/{}", self.dataset, self.model, self.horizon);
        let mut chance = rng::stream(seed, &name, 0, 0);
        let samples: Vec<Forecast> = (0..self.origins)
            .map(|origin| {
                let truth: Vec<f64> = (1..=self.horizon).map(|ahead| price(origin + ahead)).collect();
                let last = price(origin);
                let forecast = truth
                    .iter()
                    .map(|truth| match self.seed {
                        Some(_) => truth + self.miss * chance.normal(),
                        None => last,
                    })
                    .collect();
                Forecast {
                    origin: format!("2020-{:02}-{:02}", 1 + origin / 28, 1 + origin % 28),
                    last: last.into(),
                    forecast,
                    truth,
                    quantiles: Vec::new(),
                }
            })
            .collect();
        let history = self.seed.map_or_else(BTreeMap::new, |_| history(self.miss, seed));
        let predictions = Predictions::Regression(Forecasts::new("USD".to_owned(), samples));
        let record = Record {
            configuration: self.configuration(),
            history,
            key: Key {
                weights: None,
                code: BTreeMap::from([
                    ("metric".to_owned(), metric::VERSION),
                    ("train".to_owned(), 1),
                    ("window".to_owned(), 1),
                ]),
                configuration: digest_of(&without_idle(&self.configuration())),
                data: "da7a".to_owned(),
            },
            metrics: metric::score(&predictions),
            predictions,
            provenance: BTreeMap::from([("device".to_owned(), json!("cpu")), ("seconds".to_owned(), json!(1.25))]),
            refits: Vec::new(),
            scored_by: metric::VERSION,
            version: 1,
        };
        Stored { id: self.id(), record }
    }
}

/// Two coins × LSTM, hybrid and the naive forecast × these horizons, three seeds each for the networks.
pub(crate) fn study(horizons: &[usize], origins: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    for dataset in ["litecoin", "monero"] {
        for &horizon in horizons {
            for (model, miss) in [("lstm", 4.0), ("hybrid", 1.5)] {
                for seed in 0..3 {
                    samples.push(Sample {
                        dataset,
                        model,
                        horizon,
                        seed: Some(seed),
                        origins,
                        miss,
                    });
                }
            }
            samples.push(Sample {
                dataset,
                model: "naive",
                horizon,
                seed: None,
                origins,
                miss: 0.0,
            });
        }
    }
    samples
}

/// The price of a day.
pub(crate) fn price(day: usize) -> f64 {
    let day = day as f64;
    75.0 + 5.0 * (day / 9.0).sin() + (day * 1.7).cos()
}

fn history(miss: f64, seed: u64) -> BTreeMap<String, Vec<f64>> {
    let mut chance = rng::stream(seed, "sample/history", 0, 0);
    let mse: Vec<f64> = (0..20)
        .map(|epoch| miss * miss * (1.0 + 30.0 * (-0.4 * f64::from(epoch)).exp()) * (1.0 + 0.1 * chance.uniform()))
        .collect();
    let through = |f: fn(&f64) -> f64| mse.iter().map(f).collect::<Vec<f64>>();
    BTreeMap::from([
        ("learning_rate".to_owned(), vec![0.001; 20]),
        ("loss".to_owned(), through(|x| x / 6000.0)),
        ("mae".to_owned(), through(|x| 0.8 * x.sqrt())),
        ("mse".to_owned(), mse),
    ])
}

/// The configuration of a cell, read as a plan is read: words that the program does not know are none here either.
#[expect(clippy::expect_used, reason = "a test may stop at the first surprise")]
fn resolved(mut cell: Value) -> Value {
    for (name, value) in [
        ("axes", json!({})),
        ("experiment", json!("sample")),
        ("id", json!("sample")),
        ("requires_cuda", json!(false)),
    ] {
        cell[name] = value;
    }
    let cell: Cell = serde_json::from_value(cell).expect("the sample is a cell");
    cell.configuration()
}
