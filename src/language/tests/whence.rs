//! Where the settings of a cell stand.

use super::{Folder, SMALL};
use crate::language::whence::{GivenBy, Places};

/// Path → `LINE by` for some settings of a cell; the line without its indent, `-` of a default.
fn told(folder: &Folder, set: &[(&str, &str)], id: &str, paths: &[&str]) -> Vec<String> {
    let own = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
    let set: Vec<(String, String)> = set.iter().map(own).collect();
    let file = folder.path("small.toml");
    let places = Places::of(&file, &set, id);
    let line = |place: &str| match place.rsplit_once(':') {
        Some((file, number)) => {
            let text = std::fs::read_to_string(file).unwrap();
            let line = text.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
            line.trim().to_owned()
        }
        None => place.to_owned(),
    };
    let told = |path: &&str| match places.find(path) {
        Some(found) => {
            let by = match found.by {
                GivenBy::File => "file",
                GivenBy::Extended => "extended",
                GivenBy::Grid => "grid",
                GivenBy::Option => "option",
            };
            format!("{path}: {} ({by})", line(&found.place))
        }
        None => format!("{path}: -"),
    };
    paths.iter().map(told).collect()
}

const NEAR: &str = r#"
[dataset.simulated.window]
horizon = 2

[model.lstm.train]
epochs = 9
loss = { kind = "huber" }
"#;

#[test]
fn a_setting_stands_where_its_value_was_said_last() {
    let text = SMALL.replace(
        "[grid]\n",
        &format!(
            "{NEAR}\n[grid]\nmodel = [\"lstm\", \"naive\"]\nseed = {{ from = 3, to = 4 }}\n\"model.lstm.hidden\" = [[4], [5]]\n\
             [[grid.zip]]\ntrain.batch_size = [8, 16]\nwindow.lookback = [6, 7]\n"
        ),
    );
    let folder = Folder::new(&[("small.toml", &text)]);
    let id = "simulated,lstm,hidden=5,batch_size=16,lookback=7,seed=4";
    let ids: Vec<String> = folder.load(&["small.toml"], &[]).unwrap()[0]
        .cells
        .iter()
        .map(|cell| cell.id.clone())
        .collect();
    assert!(ids.iter().any(|own| own == id), "{ids:?}");
    let paths = [
        "dataset.kind",
        "dataset.days",
        "model.kind",
        "model.hidden",
        "seed",
        "split.kind",
        "train.batch_size",
        "train.epochs",
        "train.learning_rate",
        "train.loss.delta",
        "train.loss.kind",
        "train.optimizer",
        "window.horizon",
        "window.lookback",
        "window.scale",
        "no.setting",
    ];
    insta::assert_snapshot!(told(&folder, &[], id, &paths).join("\n"), @r#"
    dataset.kind: kind = "simulated_prices" (file)
    dataset.days: -
    model.kind: kind = "lstm" (file)
    model.hidden: "model.lstm.hidden" = [[4], [5]] (grid)
    seed: seed = { from = 3, to = 4 } (grid)
    split.kind: kind = "holdout" (file)
    train.batch_size: train.batch_size = [8, 16] (grid)
    train.epochs: epochs = 9 (file)
    train.learning_rate: learning_rate = 0.01 (file)
    train.loss.delta: -
    train.loss.kind: loss = { kind = "huber" } (file)
    train.optimizer: optimizer = "adam" (file)
    window.horizon: horizon = 2 (file)
    window.lookback: window.lookback = [6, 7] (grid)
    window.scale: -
    no.setting: -
    "#);
    let set = [("window.horizon", "3"), ("train.loss", "mae"), ("seed", "3")];
    let id = "simulated,lstm,hidden=5,batch_size=16,lookback=7,seed=3";
    insta::assert_snapshot!(told(&folder, &set, id, &["window.horizon", "train.loss", "seed", "train.epochs"]).join("\n"), @r"
    window.horizon: --set window.horizon=3 (option)
    train.loss: --set train.loss=mae (option)
    seed: --set seed=3 (option)
    train.epochs: epochs = 9 (file)
    ");
    assert_eq!(told(&folder, &[], "no,cell", &["train.epochs"]), ["train.epochs: -"]);
}

#[test]
fn what_the_extended_file_says_stands_there() {
    let over = "extends = \"base.toml\"\n[train]\nepochs = 4\n[grid]\nmodel = [\"lstm\"]\n";
    let base = format!("{SMALL}model = [\"lstm\", \"naive\"]\n");
    let folder = Folder::new(&[("small.toml", over), ("base.toml", &base)]);
    let told = told(&folder, &[], "simulated,lstm", &["train.epochs", "train.batch_size", "seed"]);
    assert_eq!(
        told,
        [
            "train.epochs: epochs = 4 (file)",
            "train.batch_size: batch_size = 32 (extended)",
            "seed: -"
        ]
    );
}
