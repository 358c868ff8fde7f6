//! What a person reads after each mistake.

mod clips;
mod grid;
mod limits;
mod report;
mod tables;

use super::Folder;

/// A file without mistakes; each test changes a line of it or adds some.
const SOUND: &str = r#"title = "Prices"
seed = 0

[dataset.litecoin]
kind = "prices"
file = "crypto/litecoin.csv"
features = ["Price"]
target = "Price"

[window]
lookback = 30
horizon = 1

[split]
kind = "holdout"
validation = 0.1

[model.lstm]
kind = "lstm"
hidden = [30]

[model.naive]
kind = "last_value"

[train]
epochs = 100
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.001

[grid]
model = ["lstm", "naive"]
window.horizon = [1, 3, 7]
"#;

/// The sound file with one piece of its text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(SOUND.contains(old), "{old:?} is not in the file");
    SOUND.replacen(old, new, 1)
}

/// The sound file with something at its end.
fn and(more: &str) -> String {
    format!("{SOUND}{more}")
}

fn mistakes(text: &str) -> String {
    Folder::new(&[("prices.toml", text)]).mistakes(&["prices.toml"], &[])
}

#[test]
fn the_sound_file_has_no_mistake() {
    super::experiment(SOUND);
}
