//! From the grid to the cells and their names.

use std::collections::HashSet;

use super::{SMALL, experiment, ids};

fn small(grid: &str) -> Vec<String> {
    let ids = ids(&format!("{SMALL}{grid}"));
    ids.into_iter().map(|id| id.replace("simulated,", "")).collect()
}

#[test]
fn a_baseline_reads_no_training_no_seed_and_no_scaling() {
    let grid = r#"
        model = ["naive"]
        seed = [0, 1, 2]
        train.epochs = [1, 2]
        window.scale = ["min-max", "standard"]
        split.validation = [0, 0.1]
        window.horizon = [1, 2]
    "#;
    assert_eq!(small(grid), ["naive,horizon=1", "naive,horizon=2"]);
    let experiment = experiment(&format!("{SMALL}{grid}"));
    let cell = &experiment.cells[1];
    let axes: Vec<&str> = cell.axes.keys().map(String::as_str).collect();
    assert_eq!(axes, ["model", "window.horizon"]);
    let configuration = cell.configuration();
    assert_eq!(configuration.get("seed"), None);
    assert_eq!(configuration.get("train"), None);
    assert_eq!(configuration["window"].get("scale"), None);
}

#[test]
fn a_baseline_with_intervals_reads_how_much_is_for_validation() {
    let grid = |coverage: &str| {
        format!(
            "model = [\"naive\"]\nsplit.validation = [0.1, 0.2]\n{coverage}\n[intervals]\nkind = \"conformal\"\ncoverage = 0.5\n"
        )
    };
    assert_eq!(small(&grid("")), ["naive,validation=0.1", "naive,validation=0.2"]);
    let of_both = small(&grid("intervals.coverage = [0.5, 0.8]"));
    assert_eq!(of_both[1], "naive,coverage=0.8,validation=0.1");
    assert_eq!(of_both.len(), 4);
    let experiment = experiment(&format!("{SMALL}{}", grid("")));
    let configuration = experiment.cells[1].configuration();
    assert_eq!(configuration["split"]["validation"], 0.2);
    assert_eq!(configuration["intervals"]["coverage"], 0.5);
}

#[test]
fn settings_of_another_model_are_dropped() {
    let grid = r#"
        model = ["lstm", "naive"]
        "model.lstm.hidden" = [[4], [8, 8]]
    "#;
    assert_eq!(small(grid), ["lstm,hidden=4", "lstm,hidden=8-8", "naive"]);
}

#[test]
fn the_order_of_keys_changes_no_name() {
    let sorted = |grid: &str| {
        let mut ids = small(grid);
        ids.sort();
        ids
    };
    assert_eq!(
        sorted("model = [\"lstm\", \"naive\"]\nwindow.horizon = [1, 2]\nseed = [3, 4]\n"),
        sorted("seed = [4, 3]\n\"window.horizon\" = [1, 2]\nmodel = [\"naive\", \"lstm\"]\n"),
    );
}

#[test]
fn whole_tables_can_be_values() {
    let grid = r#"
        model = ["lstm"]
        train.optimizer = ["adam", "rmsprop", { kind = "sgd", momentum = 0.9 }]
        split = [{ kind = "holdout" }, { kind = "backtest", origins = 60 }]
    "#;
    assert_eq!(
        small(grid),
        [
            "lstm,split=holdout,optimizer=adam",
            "lstm,split=backtest,optimizer=adam",
            "lstm,split=holdout,optimizer=rmsprop",
            "lstm,split=backtest,optimizer=rmsprop",
            "lstm,split=holdout,optimizer=sgd",
            "lstm,split=backtest,optimizer=sgd",
        ]
    );
}

#[test]
fn a_setting_inside_an_optimizer_that_is_a_name() {
    let ids = small("model = [\"lstm\"]\ntrain.optimizer.beta1 = [0.9, 0.5]\n");
    assert_eq!(ids, ["lstm,beta1=0.9", "lstm,beta1=0.5"]);
}

#[test]
fn a_zip_moves_axes_together() {
    let grid = r#"
        model = ["lstm"]
        seed = [0, 1]
        [[grid.zip]]
        train.epochs = [2, 4]
        train.learning_rate = [0.01, 0.02]
    "#;
    assert_eq!(
        small(grid),
        [
            "lstm,epochs=2,learning_rate=0.01,seed=0",
            "lstm,epochs=4,learning_rate=0.02,seed=0",
            "lstm,epochs=2,learning_rate=0.01,seed=1",
            "lstm,epochs=4,learning_rate=0.02,seed=1",
        ]
    );
}

#[test]
fn an_exclusion_drops_what_matches_all_pairs() {
    let grid = r#"
        model = ["lstm", "naive"]
        window.horizon = [1, 2, 3]
        [[grid.exclude]]
        model = "naive"
        window.horizon = 2
        [[grid.exclude]]
        window.horizon = 3
    "#;
    assert_eq!(small(grid), ["lstm,horizon=1", "lstm,horizon=2", "naive,horizon=1"]);
}

#[test]
fn an_inclusion_adds_one_cell_with_the_values_of_the_file() {
    let grid = r#"
        model = ["lstm"]
        window.horizon = [2, 3]
        [[grid.include]]
        model = "naive"
        [[grid.include]]
        model = "lstm"
        train.epochs = 50
    "#;
    assert_eq!(
        small(grid),
        [
            "lstm,epochs=2,horizon=2",
            "lstm,epochs=2,horizon=3",
            "naive,horizon=1",
            "lstm,epochs=50,horizon=1",
        ]
    );
}

#[test]
fn an_included_cell_that_exists_is_not_added_twice() {
    let grid = "model = [\"lstm\"]\nseed = [0, 1]\n[[grid.include]]\nmodel = \"lstm\"\nseed = 1\n";
    assert_eq!(small(grid), ["lstm,seed=0", "lstm,seed=1"]);
}

#[test]
fn one_declared_table_needs_no_axis_and_no_grid() {
    let text = SMALL
        .replace("[model.naive]\nkind = \"last_value\"\n", "")
        .replace("[grid]\n", "");
    assert_eq!(ids(&text), ["simulated,lstm"]);
}

#[test]
fn filters_match_values_as_messages_write_them() {
    let grid = "model = [\"lstm\", \"naive\"]\nseed = [0, 1]\n";
    let experiment = experiment(&format!("{SMALL}{grid}"));
    let count = |path: &str, value: &str| experiment.cells.iter().filter(|cell| cell.matches(path, value)).count();
    assert_eq!(count("model", "lstm"), 2);
    assert_eq!(count("seed", "1"), 1);
    assert_eq!(count("window.horizon", "1"), 3);
    assert_eq!(count("model.lstm.hidden", "[4]"), 2);
    assert_eq!(count("train.optimizer", "adam"), 2);
    assert_eq!(count("train.learning_rate", "0.01"), 2);
    assert_eq!(count("dataset", "other"), 0);
    assert_eq!(count("no.such.path", "1"), 0);
}

#[test]
fn ten_thousand_cells_have_a_name_each() {
    let grid = r#"
        model = ["lstm", "naive"]
        seed = { from = 0, to = 99 }
        window.horizon = { from = 1, to = 10 }
        train.learning_rate = { from = 0.0001, to = 0.1, steps = 10, scale = "log" }
    "#;
    let names: HashSet<String> = ids(&format!("{SMALL}{grid}")).into_iter().collect();
    assert_eq!(names.len(), 100 * 10 * 10 + 10);
}

#[test]
fn an_inclusion_of_another_kind_takes_nothing_of_the_files_own() {
    let grid = r#"
        model = ["naive"]
        [[grid.include]]
        model = "naive"
        split = { kind = "backtest", origins = 3 }
    "#;
    let base = SMALL.replace("kind = \"holdout\"", "kind = \"holdout\"\nvalidation = 0.1");
    let found = ids(&format!("{base}{grid}"));
    assert_eq!(
        found,
        ["simulated,naive,split=holdout", "simulated,naive,split=backtest,origins=3"]
    );
}
