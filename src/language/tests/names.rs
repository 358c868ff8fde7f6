//! What cells are called.

use std::collections::BTreeSet;

use super::{SMALL, experiment, ids};

const CLIPS: &str = r#"
[dataset.moving]
kind = "simulated_clips"
steps = [{ frames = 4 }, { resize = 32 }, { normalise = "unit" }]

[backbone]
kind = "resnet50"
weights = "random"

[split]
kind = "stratified"
test = 0.2

[model.conv_lstm]
kind = "conv_lstm"
filters = 2

[train]
epochs = 2
batch_size = 8
loss = "binary_cross_entropy"
optimizer = "adam"
learning_rate = 0.01

[grid]
"#;

fn small(grid: &str) -> Vec<String> {
    ids(&format!("{SMALL}{grid}"))
}

/// The beginning of a study of clips; all its cells have one dataset and one model.
fn of_splits(splits: &str) -> Vec<String> {
    small(&format!("model = [\"lstm\"]\nsplit = [{splits}]\n"))
}

#[test]
fn a_name_lists_every_axis_that_the_cell_reads_and_the_seed_last() {
    let grid = r#"
        model = ["lstm", "naive"]
        seed = [0, 1]
        window.scale = ["min-max", "none"]
        window.horizon = [2]
        train.learning_rate = [1e-2, 0.1]
    "#;
    let ids = small(grid);
    assert_eq!(ids[0], "simulated,lstm,learning_rate=0.01,horizon=2,scale=min-max,seed=0");
    assert_eq!(ids[7], "simulated,lstm,learning_rate=0.1,horizon=2,scale=none,seed=1");
    assert_eq!(ids[8..], ["simulated,naive,horizon=2"]);
}

#[test]
fn a_value_outside_the_grid_that_no_cell_reads_is_in_no_name() {
    let grid = "model = [\"lstm\"]\ntrain.learning_rate = [0.1, 0.001]\nseed = [3]\n";
    let names = small(grid);
    for (base, other) in [
        ("learning_rate = 0.01", "learning_rate = 0.1"),
        ("[dataset", "seed = 3\n[dataset"),
    ] {
        assert!(SMALL.contains(base));
        assert_eq!(ids(&format!("{}{grid}", SMALL.replacen(base, other, 1))), names);
    }
    let without = SMALL.replace("learning_rate = 0.01\n", "");
    assert_eq!(ids(&format!("{without}{grid}")), names);
}

#[test]
fn of_tables_a_name_lists_what_tells_them_apart() {
    let (holdout, backtest) = (r#"{ kind = "holdout" }"#, r#"{ kind = "backtest", origins = 3 }"#);
    let other = r#"{ kind = "backtest", origins = 4 }"#;
    let names = |splits: &[&str]| {
        let names = of_splits(&splits.join(", "));
        names
            .iter()
            .map(|name| name.replace("simulated,lstm", ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&[backtest]), [""]);
    assert_eq!(names(&[holdout, backtest]), [",split=holdout", ",split=backtest"]);
    assert_eq!(names(&[backtest, other]), [",origins=3", ",origins=4"]);
    assert_eq!(
        names(&[holdout, backtest, other]),
        [",split=holdout", ",split=backtest,origins=3", ",split=backtest,origins=4"]
    );
    // Of two settings that tell them apart, the one that the file writes.
    let stopping = small(
        "model = [\"lstm\"]\nsplit = [{ kind = \"holdout\", validation = 0.1 }]\n\
        train.early_stopping = [{ patience = 3 }, { patience = 5 }]\n",
    );
    assert_eq!(stopping, ["simulated,lstm,patience=3", "simulated,lstm,patience=5"]);
}

#[test]
fn what_only_inclusions_set_is_an_axis_where_it_differs() {
    let grid = r#"
        model = ["lstm", "naive"]
        seed = [0, 1]
        [[grid.include]]
        model = "lstm"
        train.epochs = 5
        window.lookback = 5
        "model.lstm.dense" = [8, 8]
    "#;
    assert_eq!(
        small(grid),
        [
            "simulated,lstm,dense=none,epochs=2,lookback=8,seed=0",
            "simulated,lstm,dense=none,epochs=2,lookback=8,seed=1",
            "simulated,naive",
            "simulated,lstm,dense=8-8,epochs=5,lookback=5,seed=0",
        ]
    );
}

#[test]
fn a_word_that_two_settings_share_is_not_enough() {
    // The seed of a split is not that of the cell.
    let names = ids(&format!(
        "{CLIPS}split.seed = [1, 2]\nseed = [4]\n\"model.conv_lstm.dropout\" = [0.5]\n"
    ));
    assert_eq!(
        names,
        [
            "moving,conv_lstm,dropout=0.5,split.seed=1,seed=4",
            "moving,conv_lstm,dropout=0.5,split.seed=2,seed=4",
        ]
    );
}

#[test]
fn names_are_names_of_files_on_every_system() {
    let prices = r#"kind = "prices"
        features = ["a"]
        target = "a"
        unit = "USD""#;
    let strange = SMALL
        .replace("[dataset.simulated]", "[dataset.\"-Ünter\"]")
        .replace("kind = \"simulated_prices\"", prices);
    let names = ids(&format!(
        "{strange}model = [\"naive\"]\n\"dataset.-Ünter.file\" = [\"../a:b, c{{d}}*.csv\", \"{}\"]\n",
        "long/".repeat(20)
    ));
    assert_eq!(names[0], "%2D%C3%9Cnter,naive,file=..%2Fa%3Ab%2C_c%7Bd%7D%2A.csv");
    let digest = names[1].strip_prefix("%2D%C3%9Cnter,naive,file=").unwrap();
    assert!(digest.len() == 8 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{digest}");

    let long = SMALL.replace("simulated]", &format!("{}]", "long_".repeat(60)));
    let names = ids(&format!("{long}model = [\"lstm\"]\nwindow.horizon = [1, 2]\nseed = [0, 1]\n"));
    let stems: BTreeSet<&str> = names.iter().map(|name| name.rsplit_once(",seed=").unwrap().0).collect();
    assert_eq!((names.len(), stems.len()), (4, 2), "{names:#?}");
    assert!(names.iter().all(|name| name.len() <= 200 && name.contains('~')), "{names:#?}");
}

#[test]
fn names_differ_where_case_counts_for_nothing() {
    let text = format!("{SMALL}model = [\"lstm\", \"LSTM\", \"naive\"]\nseed = [0, 1]\n").replace(
        "[model.naive]",
        "[model.LSTM]\nkind = \"lstm\"\nhidden = [8]\n\n[model.naive]",
    );
    let cells = experiment(&text).cells;
    let names: BTreeSet<String> = cells.iter().map(|cell| cell.id.to_lowercase()).collect();
    assert_eq!(names.len(), 5, "{names:#?}");
    assert!(names.contains("simulated,naive"), "what is alone needs no mark: {names:#?}");
    // The mark is no cell's own: it tells groups apart.
    let marks = |model: &str| -> BTreeSet<&str> {
        let of_model = cells.iter().filter(|cell| cell.model_name == model);
        of_model.map(|cell| cell.id.rsplit_once(",seed=").unwrap().0).collect()
    };
    assert_eq!((marks("lstm").len(), marks("LSTM").len()), (1, 1));
}

#[test]
fn values_that_names_write_alike_give_two_names() {
    let prices = "kind = \"prices\"\nfeatures = [\"a\"]\ntarget = \"a\"\nunit = \"USD\"";
    let text = SMALL.replace("kind = \"simulated_prices\"", prices);
    let axis = "\"dataset.simulated.file\" = [\"a b.csv\", \"a_b.csv\"]";
    let names = ids(&format!("{text}model = [\"lstm\"]\nseed = [0, 1]\n{axis}\n"));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 4, "{names:#?}");
    // The seeds of one group lie beside each other.
    let stems: BTreeSet<&str> = names.iter().map(|name| name.rsplit_once(",seed=").unwrap().0).collect();
    assert_eq!(stems.len(), 2, "{names:#?}");
}

#[test]
fn an_axis_of_one_dataset_is_called_as_the_file_wide_one_and_is_of_that_dataset_alone() {
    let text = SMALL.replace(
        "[window]",
        "[dataset.other]\nkind = \"simulated_prices\"\ndays = 200\n\n[window]",
    );
    let grid = "dataset = [\"simulated\", \"other\"]\nmodel = [\"naive\"]\n\
        \"dataset.other.window.horizon\" = [2]\n";
    assert_eq!(ids(&format!("{text}{grid}")), ["simulated,naive", "other,naive,horizon=2"]);
}
