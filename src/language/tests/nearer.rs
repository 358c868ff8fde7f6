//! Tables of one dataset or model: nearer than the file's own, key by key.

use serde_json::{Value, json};

use super::{Folder, SMALL, experiment};
use crate::language::cell::Cell;

/// Two datasets with a window each of their own to be said, and two networks.
fn text(nearer: &str, grid: &str) -> String {
    let small = SMALL.replace("[grid]\n", "");
    format!(
        "{small}
[dataset.other]
kind = \"simulated_prices\"
seed = 1

[model.wide]
kind = \"lstm\"
hidden = [8]
{nearer}
[grid]
{grid}"
    )
}

/// dataset, model and the values at some paths of every cell.
fn values(text: &str, paths: &[&str]) -> Vec<String> {
    values_of(&experiment(text).cells, paths)
}

fn values_of(cells: &[Cell], paths: &[&str]) -> Vec<String> {
    let of_cell = |cell: &Cell| {
        let configuration = cell.configuration();
        let mut words = vec![cell.dataset_name.clone(), cell.model_name.clone()];
        words.extend(paths.iter().map(|path| {
            let pointer = format!("/{}", path.replace('.', "/"));
            configuration.pointer(&pointer).unwrap_or(&Value::Null).to_string()
        }));
        words.join(" ")
    };
    cells.iter().map(of_cell).collect()
}

const TWO: &str = "dataset = [\"simulated\", \"other\"]\nmodel = [\"lstm\", \"wide\"]\n";

#[test]
fn what_is_said_nearer_wins_key_by_key() {
    let nearer = "
        [dataset.other.window]
        horizon = 3
        [model.wide.train]
        epochs = 7
        [model.wide.train.early_stopping]
        patience = 2
        [dataset.other.split]
        validation = 0.25
        [dataset.simulated.split]
        validation = 0.1
    ";
    let paths = [
        "window.lookback",
        "window.horizon",
        "train.epochs",
        "train.batch_size",
        "split.validation",
        "train.early_stopping.patience",
    ];
    assert_eq!(
        values(&text(nearer, TWO), &paths),
        [
            "simulated lstm 8 1 2 32 0.1 null",
            "simulated wide 8 1 7 32 0.1 2",
            "other lstm 8 3 2 32 0.25 null",
            "other wide 8 3 7 32 0.25 2",
        ]
    );
}

#[test]
fn another_kind_takes_the_place_of_the_whole_table() {
    let nearer = "[dataset.other.split]\nkind = \"backtest\"\norigins = 4\n";
    let wide = text(nearer, TWO).replace("kind = \"holdout\"", "kind = \"holdout\"\nvalidation = 0.2");
    assert_eq!(
        values(&wide, &["split.kind", "split.validation", "split.origins"]),
        [
            "simulated lstm \"holdout\" 0.2 null",
            "simulated wide \"holdout\" 0.2 null",
            "other lstm \"backtest\" 0.0 4",
            "other wide \"backtest\" 0.0 4",
        ]
    );
}

#[test]
fn a_nearer_table_may_be_the_only_one() {
    let nearer = "[dataset.simulated.window]\nlookback = 5\nhorizon = 2\n";
    let grid = "dataset = [\"simulated\"]\nmodel = [\"lstm\"]\n";
    let alone = text(nearer, grid).replace("[window]\nlookback = 8\nhorizon = 1\n", "");
    assert_eq!(values(&alone, &["window.lookback"]), ["simulated lstm 5"]);
}

#[test]
fn an_axis_of_a_nearer_table_is_named_as_that_of_the_file() {
    let grid = format!("{TWO}\"dataset.other.window.horizon\" = [1, 5]\n\"model.wide.train.epochs\" = [3, 4]\n");
    let text = text("", &grid);
    assert_eq!(
        values(&text, &["window.horizon", "train.epochs"]),
        [
            "simulated lstm 1 2",
            "simulated wide 1 3",
            "simulated wide 1 4",
            "other lstm 1 2",
            "other lstm 5 2",
            "other wide 1 3",
            "other wide 1 4",
            "other wide 5 3",
            "other wide 5 4",
        ]
    );
    let cells = experiment(&text).cells;
    assert_eq!(cells[8].axes["window.horizon"], json!(5));
    assert_eq!(cells[8].axes["train.epochs"], json!(4));
    assert!(cells[8].matches("window.horizon", "5"));
    assert_eq!(cells[0].axes.get("window.horizon"), None);
    assert_eq!(cells[3].axes["window.horizon"], json!(1));
    let excluded = format!("{text}[[grid.exclude]]\n\"dataset.other.window.horizon\" = 5\n");
    assert_eq!(experiment(&excluded).cells.len(), 6);
}

#[test]
fn an_option_wins_over_everything() {
    let nearer = "[model.wide.train]\nepochs = 7\n[dataset.other.window]\nhorizon = 3\n";
    let folder = Folder::new(&[("a.toml", &text(nearer, TWO))]);
    let load = |set: &[(&str, &str)]| folder.load(&["a.toml"], set).unwrap().remove(0);
    let all = |set: &[(&str, &str)], table: &str, key: &str| {
        let cells = load(set).cells.into_iter();
        cells.map(|cell| cell.configuration()[table][key].clone()).collect::<Vec<_>>()
    };
    assert_eq!(all(&[("train.epochs", "1")], "train", "epochs"), vec![json!(1); 4]);
    assert_eq!(all(&[("window.horizon", "2")], "window", "horizon"), vec![json!(2); 4]);
    // Of one model alone.
    assert_eq!(
        all(&[("model.wide.train.epochs", "1")], "train", "epochs"),
        [2, 1, 2, 1].map(|epochs| json!(epochs))
    );
    // Beside one of all models, in whatever order.
    let [near, wide] = [("model.wide.train.epochs", "4"), ("train.epochs", "3")];
    for both in [[near, wide], [wide, near]] {
        assert_eq!(all(&both, "train", "epochs"), [3, 4, 3, 4].map(|epochs| json!(epochs)));
    }
    // And over an axis of one dataset.
    let grid = format!("{TWO}\"dataset.other.window.horizon\" = [1, 5]\n");
    let folder = Folder::new(&[("a.toml", &text("", &grid))]);
    let cells = folder.load(&["a.toml"], &[("window.horizon", "2")]).unwrap().remove(0).cells;
    assert_eq!(cells.len(), 4);
    assert!(cells.iter().all(|cell| cell.configuration()["window"]["horizon"] == 2));
}

/// What `--set` makes of the cells: as [`values`].
fn values_with(text: &str, set: &[(&str, &str)], paths: &[&str]) -> Vec<String> {
    let folder = Folder::new(&[("a.toml", text)]);
    let cells = folder.load(&["a.toml"], set).unwrap().remove(0).cells;
    values_of(&cells, paths)
}

#[test]
fn an_option_wins_over_everything_that_the_grid_says() {
    let set = [("window.horizon", "2")];
    let horizons = |grid: &str| values_with(&text("", &format!("{TWO}{grid}")), &set, &["window.horizon"]);
    let all = ["simulated lstm 2", "simulated wide 2", "other lstm 2", "other wide 2"];
    let zip = "[[grid.zip]]\n\"dataset.other.window.horizon\" = [1, 5]\n\"dataset.other.seed\" = [3, 4]\n";
    assert_eq!(horizons(zip)[..2], all[..2]);
    assert!(horizons(zip).iter().all(|cell| cell.ends_with(" 2")));
    let include = "[[grid.include]]\ndataset = \"other\"\nmodel = \"wide\"\n";
    for pair in ["window.horizon = 5", "\"dataset.other.window.horizon\" = 5"] {
        assert_eq!(horizons(&format!("{include}{pair}\n")), all, "{pair}");
    }
    // A cell that says nothing of an axis has the option's value, too.
    assert_eq!(horizons(&format!("window.horizon = [1, 3]\n{include}")), all);
    let exclude = "\"dataset.other.window.horizon\" = [1, 5]\n\
        [[grid.exclude]]\nmodel = \"wide\"\n\"dataset.other.window.horizon\" = 5\n";
    assert_eq!(horizons(exclude), all);
    let folder = Folder::new(&[(
        "a.toml",
        &text(
            "",
            &format!("{TWO}\"dataset.other.window\" = [{{ lookback = 3, horizon = 5 }}]\n"),
        ),
    )]);
    assert!(
        folder
            .mistakes(&["a.toml"], &set)
            .contains("the grid moves `dataset.other.window` itself")
    );
}

#[test]
fn an_option_wins_over_a_kind_that_stands_as_its_word_alone() {
    let nearer = "[model.wide.train]\noptimizer = \"rmsprop\"\n";
    let grid = "dataset = [\"other\"]\nmodel = [\"lstm\", \"wide\"]\n";
    let with =
        |set: &[(&str, &str)], path: &str| values_with(&text(nearer, grid).replace("\"mse\"", "\"huber\""), set, &[path]);
    let optimizer = "train.optimizer.kind";
    let sgd = ["other lstm \"sgd\"", "other wide \"sgd\""];
    assert_eq!(with(&[(optimizer, "sgd")], optimizer), sgd);
    assert_eq!(with(&[("train.optimizer", "sgd")], optimizer), sgd);
    assert_eq!(
        with(&[("train.loss.delta", "2")], "train.loss"),
        ["lstm", "wide"].map(|model| format!("other {model} {}", json!({ "kind": "huber", "delta": 2.0 })))
    );
    assert_eq!(
        with(
            &[("train.optimizer", "sgd"), ("train.optimizer.momentum", "0.5")],
            "train.optimizer.momentum"
        ),
        ["other lstm 0.5", "other wide 0.5"]
    );
}

#[test]
fn an_option_wins_over_a_table_of_another_kind() {
    let nearer = "[dataset.other.split]\nkind = \"backtest\"\norigins = 4\nvalidation = 0.1\n";
    let wide = text(nearer, "dataset = [\"simulated\", \"other\"]\nmodel = [\"lstm\"]\n");
    assert_eq!(
        values_with(&wide, &[("split.validation", "0.3")], &["split.kind", "split.validation"]),
        ["simulated lstm \"holdout\" 0.3", "other lstm \"backtest\" 0.3"]
    );
}

#[test]
fn a_setting_over_a_kind_that_stands_as_its_word_alone_is_laid_on_it() {
    let nearer = "[model.wide.train]\noptimizer.momentum = 0.9\n";
    let grid = "dataset = [\"other\"]\nmodel = [\"lstm\", \"wide\"]\n";
    assert_eq!(
        values(
            &text(nearer, grid).replace("\"adam\"", "\"sgd\""),
            &["train.optimizer.kind", "train.optimizer.momentum"]
        ),
        ["other lstm \"sgd\" 0.0", "other wide \"sgd\" 0.9"]
    );
}

fn mistakes(text: &str) -> String {
    Folder::new(&[("a.toml", text)]).mistakes(&["a.toml"], &[])
}

#[test]
fn an_axis_that_would_move_nothing_is_a_mistake() {
    let nearer = "[dataset.other.window]\nhorizon = 3\n";
    let grid = format!("{TWO}window.horizon = [1, 2]\n");
    insta::assert_snapshot!(mistakes(&text(nearer, &grid)), @r"
    error: a.toml:40:1: the axis `window.horizon` would move nothing for the dataset `other`: [dataset.other.window] says it
       |
    40 | window.horizon = [1, 2]
       | ^^^^^^^^^^^^^^
      help: take it out of that table, or name the axis dataset.other.window.horizon
    ");
    // Where no cell has that dataset it moves something everywhere.
    let grid = "dataset = [\"simulated\"]\nmodel = [\"lstm\"]\nwindow.horizon = [1, 2]\n";
    assert_eq!(experiment(&text(nearer, grid)).cells.len(), 2);
}

#[test]
fn an_axis_beside_what_a_nearer_table_says_moves_its_own_setting() {
    let nearer = "[dataset.other.split]\nvalidation = 0.25\n[model.wide.train]\nearly_stopping = { patience = 3 }\n";
    let grid = "dataset = [\"other\"]\nmodel = [\"wide\"]\ntrain.early_stopping.min_delta = [0, 0.5]\n";
    assert_eq!(
        values(
            &text(nearer, grid),
            &["train.early_stopping.patience", "train.early_stopping.min_delta"]
        ),
        ["other wide 3 0.0", "other wide 3 0.5"]
    );
    let whole = grid.replace("min_delta = [0, 0.5]", "patience = [1, 2]");
    assert!(mistakes(&text(nearer, &whole)).contains("`train.early_stopping.patience` would move nothing"));
}

#[test]
fn a_nearer_table_that_is_not_read_is_a_mistake() {
    let nearer = "[dataset.other.backbone]\nkind = \"resnet50\"\nweights = \"random\"\n[model.naive.train]\nepochs = 3\n";
    insta::assert_snapshot!(mistakes(&text(nearer, TWO)), @r"
    error: a.toml:34:16: the dataset `other` is a series: it reads no [backbone]
       |
    34 | [dataset.other.backbone]
       |                ^^^^^^^^
      help: take the table out

    error: a.toml:38:1: `epochs` belongs in [train], not in [model.naive]
       |
    38 | epochs = 3
       | ^^^^^^
      help: [train] has it already: take one of the two lines out
    ");
}

#[test]
fn what_holds_a_nearer_axis_is_declared_as_what_its_path_says() {
    let grid = format!("{TWO}\"dataset.wide.window.horizon\" = [1, 5]\n\"model.other.train.epochs\" = [1, 5]\n");
    insta::assert_snapshot!(mistakes(&text("", &grid)), @r#"
    error: a.toml:38:1: unknown dataset `wide`
       |
    38 | "dataset.wide.window.horizon" = [1, 5]
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: the file declares other, simulated

    error: a.toml:39:1: unknown model `other`
       |
    39 | "model.other.train.epochs" = [1, 5]
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: the file declares lstm, naive, wide
    "#);
}

#[test]
fn a_mistake_in_a_nearer_table_is_told_at_its_line() {
    let nearer =
        "[dataset.other.window]\nhorizont = 3\n[model.wide.train]\nepochs = 0\n[dataset.simulated.train]\nepochs = 3\n";
    insta::assert_snapshot!(mistakes(&text(nearer, TWO)), @r"
    error: a.toml:35:1: unknown field `horizont`
       |
    35 | horizont = 3
       | ^^^^^^^^
      help: did you mean `horizon`? `[window]` takes fit_scale_on, horizon, lookback, scale, scale_series, season, transform

    error: a.toml:37:10: `epochs` must be a whole number of at least 1, found 0
       |
    37 | epochs = 0
       |          ^

    error: a.toml:39:1: `epochs` belongs in [train], not in [dataset.simulated]
       |
    39 | epochs = 3
       | ^^^^^^
      help: [train] has it already: take one of the two lines out
    ");
}
