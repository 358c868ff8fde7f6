//! A mistake in `[grid]`, or one that an axis brings into a cell.

use super::{and, mistakes, with};

#[test]
fn an_unknown_axis() {
    let text = and("trian.epochs = [1, 2]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: `trian.epochs` is no setting
       |
    35 | trian.epochs = [1, 2]
       | ^^^^^^^^^^^^
      help: did you mean `train`? an axis begins with backbone, dataset, intervals, model, seed, split, train, window
    "#);
}

#[test]
fn an_axis_of_an_unknown_setting() {
    let text = and("train.epohcs = [1, 2]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: unknown field `epohcs`
       |
    35 | train.epohcs = [1, 2]
       | ^^^^^^^^^^^^
      help: did you mean `epochs`? `[train]` takes batch_size, checkpoint, clip_norm, drop_last, early_stopping, epochs, learning_rate, loss, optimizer, reduce_learning_rate, schedule
    "#);
}

#[test]
fn an_axis_that_changes_no_number() {
    let text = and("train.checkpoint = [\"1 epoch\", \"never\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: `train.checkpoint` changes no number, so that no axis can move it
       |
    35 | train.checkpoint = ["1 epoch", "never"]
       | ^^^^^^^^^^^^^^^^
      help: write checkpoint below [train]
    "#);
}

#[test]
fn an_axis_of_an_undeclared_model() {
    let text = and("model.hybrid.lstm = [[30], [50]]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: the axes here and in line 33 lie inside each other for TOML
       |
    35 | model.hybrid.lstm = [[30], [50]]
       | ^^^^^^^^^^^^^^^^^
      help: in quotes a path is a key of its own: "model.hybrid.lstm" = …
    "#);
}

#[test]
fn an_axis_value_that_is_out_of_range() {
    let text = with("[1, 3, 7]", "[1, 0, 7]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:22: `horizon` must be a whole number of at least 1, found 0
       |
    34 | window.horizon = [1, 0, 7]
       |                      ^
    "#);
}

#[test]
fn an_undeclared_model_in_the_axis() {
    let text = with("[\"lstm\", \"naive\"]", "[\"lstm\", \"naiv\"]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:33:18: unknown model `naiv`
       |
    33 | model = ["lstm", "naiv"]
       |                  ^^^^^^
      help: did you mean `naive`? the file declares lstm, naive
    "#);
}

#[test]
fn several_models_without_an_axis() {
    let text = with("model = [\"lstm\", \"naive\"]\n", "");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:22:1: several models are declared, and no axis says which to use
       |
    22 | [model.naive]
       | ^^^^^^^^^^^^^
      help: add model = ["lstm", "naive"] to [grid]
    "#);
}

#[test]
fn an_empty_axis() {
    let text = with("[1, 3, 7]", "[]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:18: the axis `window.horizon` is empty
       |
    34 | window.horizon = []
       |                  ^^
      help: give it a value, or take the axis out
    "#);
}

#[test]
fn a_value_twice_in_an_axis() {
    let text = with("[1, 3, 7]", "[1, 3, 1]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:25: the value 1 stands twice in `window.horizon`
       |
    34 | window.horizon = [1, 3, 1]
       |                         ^
    "#);
}

#[test]
fn an_axis_without_a_list() {
    let text = with("[1, 3, 7]", "7");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:18: expected the values of the axis `window.horizon`, found the number 7
       |
    34 | window.horizon = 7
       |                  ^
      help: an axis is a list, as [1, 3, 7], or a range, as { from = 0, to = 4 }
    "#);
}

#[test]
fn a_zip_of_unequal_lengths() {
    let text = and("[[grid.zip]]\ntrain.epochs = [10, 20, 30]\ntrain.learning_rate = [0.1, 0.01]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:37:7: the axes of a zip have unequal lengths
       |
    37 | train.learning_rate = [0.1, 0.01]
       |       ^^^^^^^^^^^^^
      help: they move together, one value each: train.epochs 3, train.learning_rate 2
    "#);
}

#[test]
fn two_axes_of_one_setting() {
    let text = and("[[grid.zip]]\nwindow.horizon = [1, 2]\nwindow.lookback = [10, 20]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:36:1: a second axis for `window.horizon`
       |
    36 | window.horizon = [1, 2]
       | ^^^^^^^^^^^^^^
    "#);
}

#[test]
fn an_exclusion_of_nothing() {
    let text = and("[[grid.exclude]]\nmodel = \"naive\"\nwindow.horizon = 5\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: this exclusion matches no cell
       |
    35 | [[grid.exclude]]
       | ^^^^^^^^^^^^^^^^
      help: each pair is an axis and one of its values; all must match one cell
    "#);
}

#[test]
fn an_exclusion_by_what_is_no_axis() {
    let text = and("[[grid.exclude]]\nwindow.horizn = 1\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:36:1: `window.horizn` is no axis of the grid
       |
    36 | window.horizn = 1
       | ^^^^^^^^^^^^^
      help: did you mean `window.horizon`? the axes are model, window.horizon
    "#);
}

#[test]
fn a_grid_that_is_too_large() {
    let text = and("seed = { from = 0, to = 9999 }\ntrain.epochs = { from = 1, to = 100 }\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:32:1: the grid has 6000000 cells, and at most 100000 are allowed
       |
    32 | [grid]
       | ^^^^^^
      help: its axes multiply: model 2 × window.horizon 3 × seed 10000 × train.epochs 100
    "#);
}

#[test]
fn a_range_that_is_too_large() {
    let text = and("seed = { from = 0, to = 1000000000000 }\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:8: the range has 1000000000001 values, and a grid may have 100000 cells
       |
    35 | seed = { from = 0, to = 1000000000000 }
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: a range is { from, to }, { from, to, step } or { from, to, steps, scale }
    "#);
}

#[test]
fn a_range_that_runs_down() {
    let text = and("seed = { from = 4, to = 0 }\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:25: `to` is 0, below `from`, which is 4
       |
    35 | seed = { from = 4, to = 0 }
       |                         ^
      help: a range is { from, to }, { from, to, step } or { from, to, steps, scale }
    "#);
}

#[test]
fn a_range_with_an_unknown_key() {
    let text = and("seed = { from = 0, until = 4 }\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:8: missing `to`
       |
    35 | seed = { from = 0, until = 4 }
       |        ^^^^^^^^^^^^^^^^^^^^^^^
      help: a range needs `to`

    error: prices.toml:35:20: unknown field `until`
       |
    35 | seed = { from = 0, until = 4 }
       |                    ^^^^^
      help: a range takes from, scale, step, steps, to
    "#);
}

#[test]
fn early_stopping_without_validation_in_one_cell() {
    let text = with("epochs = 100", "epochs = 100\nearly_stopping = { patience = 5 }")
        .replace("[grid]", "[grid]\nsplit.validation = [0.1, 0]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:26: `early_stopping` needs validation examples, and `split.validation` is 0
       |
    34 | split.validation = [0.1, 0]
       |                          ^
      help: set validation = 0.1 in [split]
    "#);
}

#[test]
fn a_quoted_axis_of_an_undeclared_model() {
    let text = and("\"model.lstn.hidden\" = [[30], [50]]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: unknown model `lstn`
       |
    35 | "model.lstn.hidden" = [[30], [50]]
       | ^^^^^^^^^^^^^^^^^^^
      help: did you mean `lstm`? the file declares lstm, naive
    "#);
}

#[test]
fn a_wrong_value_in_an_axis_of_a_model() {
    let text = and("\"model.lstm.hidden\" = [[30], [\"a\"], 4]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:31: expected a whole number, found the string "a"
       |
    35 | "model.lstm.hidden" = [[30], ["a"], 4]
       |                               ^^^

    error: prices.toml:35:37: expected a list, found the number 4
       |
    35 | "model.lstm.hidden" = [[30], ["a"], 4]
       |                                     ^
      help: a list stands in brackets: hidden = [4]
    "#);
}

#[test]
fn a_wrong_value_that_only_baselines_would_meet() {
    let text = with(
        "model = [\"lstm\", \"naive\"]",
        "model = [\"naive\"]\nwindow.scale = [\"min-max\", \"max\"]\ntrain.epochs = [0, 1]",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:34:28: unknown value `max`
       |
    34 | window.scale = ["min-max", "max"]
       |                            ^^^^^
      help: `scale` is one of min-max, none, standard

    error: prices.toml:35:17: `epochs` must be a whole number of at least 1, found 0
       |
    35 | train.epochs = [0, 1]
       |                 ^
    "#);
}

#[test]
fn a_range_in_a_table_of_kinds() {
    let text = and("train.optimizer = [\"adam\", \"rmsprob\", { kind = \"sgd\", momentm = 0.9 }, 3]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:28: unknown kind `rmsprob`
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                            ^^^^^^^^^
      help: did you mean `rmsprop`? the kind of an optimizer is one of KINDS

    error: prices.toml:35:55: unknown field `momentm`
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                                                       ^^^^^^^
      help: did you mean `momentum`? an optimizer of kind `sgd` takes momentum

    error: prices.toml:35:72: expected a table with a `kind`, found the number 3
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                                                                        ^
      help: the kind of an optimizer is one of KINDS
    "#);
}

#[test]
fn an_inclusion_with_mistakes() {
    let text = and("[[grid.include]]\nmodel = \"naiv\"\nwindow.horizon = 0\nwidow.horizon = 1\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:36:9: unknown model `naiv`
       |
    36 | model = "naiv"
       |         ^^^^^^
      help: did you mean `naive`? the file declares lstm, naive

    error: prices.toml:37:18: `horizon` must be a whole number of at least 1, found 0
       |
    37 | window.horizon = 0
       |                  ^

    error: prices.toml:38:1: `widow.horizon` is no setting
       |
    38 | widow.horizon = 1
       | ^^^^^^^^^^^^^
      help: did you mean `window`? an axis begins with backbone, dataset, intervals, model, seed, split, train, window
    "#);
}

#[test]
fn a_grid_without_cells() {
    let text = and("[[grid.exclude]]\nmodel = \"naive\"\n[[grid.exclude]]\nmodel = \"lstm\"\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:32:1: no cell is left
       |
    32 | [grid]
       | ^^^^^^
      help: [[grid.exclude]] drops them all
    "#);
}

#[test]
fn a_value_that_every_cell_overrides() {
    let text = and("window.lookback = [20, 30]\n").replace("lookback = 30", "lookback = \"x\"");
    let said = mistakes(&text);
    assert!(said.contains("`lookback`") || said.contains("\"x\""), "{said}");
}
