//! From the grid to the cells.

use super::experiment;

/// The first example of the documentation.
const PRICES: &str = r#"
title = "Price forecasting: LSTM against LSTM+GRU"
seed = 0

[dataset.litecoin]
kind = "prices"
file = "crypto/litecoin.csv"
features = ["Price"]
target = "Price"

[dataset.monero]
kind = "prices"
file = "crypto/monero.csv"
features = ["Price"]
target = "Price"

[window]
lookback = 30
horizon = 1
scale = "min-max"
fit_scale_on = "all"

[split]
kind = "holdout"
validation = 0.0

[model.lstm]
kind = "lstm"
hidden = [30]
dense = [30]

[model.hybrid]
kind = "lstm_gru"
lstm = [30, 50]
gru = [30]
dropout = 0.1
dense = [30]

[model.naive]
kind = "last_value"

[train]
epochs = 100
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.001

[grid]
dataset = ["litecoin", "monero"]
model = ["lstm", "hybrid", "naive"]
window.horizon = [1, 3, 7]
seed = { from = 0, to = 4 }
"#;

#[test]
fn the_price_study_expands() {
    let experiment = experiment(PRICES);
    // Two networks with five seeds, and one baseline without.
    assert_eq!(experiment.cells.len(), 2 * 3 * (2 * 5 + 1));
    let ids: Vec<&str> = experiment
        .cells
        .iter()
        .map(|cell| cell.id.as_str())
        .collect();
    for id in [
        "dataset=litecoin,model=lstm",
        "dataset=litecoin,model=lstm,seed=3,window.horizon=7",
        "dataset=monero,model=naive,window.horizon=3",
    ] {
        assert!(ids.contains(&id), "{id} is missing in {ids:#?}");
    }
}
