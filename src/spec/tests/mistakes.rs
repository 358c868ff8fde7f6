//! What a person reads after each mistake.

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

#[test]
fn an_unknown_key() {
    let text = with("hidden = [30]", "hiden = [30]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:1: unknown field `hiden`
       |
    20 | hiden = [30]
       | ^^^^^
      help: did you mean `hidden`? a model of kind `lstm` takes dense, dropout, hidden
    "#);
}

#[test]
fn a_missing_key() {
    let text = with("lookback = 30\n", "");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:10:1: missing `lookback`
       |
    10 | [window]
       | ^^^^^^^^
      help: `[window]` needs `lookback`
    "#);
}

#[test]
fn a_wrong_type() {
    let text = with("epochs = 100", "epochs = \"many\"");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:26:10: expected a whole number, found the string "many"
       |
    26 | epochs = "many"
       |          ^^^^^^
    "#);
}

#[test]
fn a_fraction_where_a_whole_number_belongs() {
    let text = with("batch_size = 32", "batch_size = 0.5");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:27:14: expected a whole number, found the number 0.5
       |
    27 | batch_size = 0.5
       |              ^^^
    "#);
}

#[test]
fn a_value_out_of_range() {
    let text = with("validation = 0.1", "validation = 1.5");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:16:14: `validation` must be at least 0 and below 1, found 1.5
       |
    16 | validation = 1.5
       |              ^^^
    "#);
}

#[test]
fn a_width_of_zero() {
    let text = with("hidden = [30]", "hidden = [30, 0]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:15: every value of `hidden` must be a whole number of at least 1, found 0
       |
    20 | hidden = [30, 0]
       |               ^
    "#);
}

#[test]
fn an_unknown_word() {
    let text = with("horizon = 1\n", "horizon = 1\nscale = \"minmax\"\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:13:9: unknown value `minmax`
       |
    13 | scale = "minmax"
       |         ^^^^^^^^
      help: did you mean `min-max`? `scale` is one of min-max, none, standard
    "#);
}

#[test]
fn an_unknown_kind() {
    let text = with("\"lstm\"\nhidden", "\"ltsm\"\nhidden");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:19:8: unknown kind `ltsm`
       |
    19 | kind = "ltsm"
       |        ^^^^^^
      help: did you mean `lstm`? the kind of a model is one of drift, last_value, lstm, lstm_gru
    "#);
}

#[test]
fn a_missing_kind() {
    let text = with("kind = \"holdout\"\n", "");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:14:1: missing `kind`
       |
    14 | [split]
       | ^^^^^^^
      help: the kind of a split is one of backtest, holdout
    "#);
}

#[test]
fn an_unknown_table() {
    let text = with("[train]", "[trian]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:25:2: unknown field `trian`
       |
    25 | [trian]
       |  ^^^^^
      help: did you mean `train`? an experiment takes dataset, extends, grid, model, report, requires, seed, split, title, train, window
    "#);
}

#[test]
fn an_unknown_optimizer() {
    let text = with("\"adam\"", "{ kind = \"adm\", beta1 = 0.5 }");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:29:22: unknown kind `adm`
       |
    29 | optimizer = { kind = "adm", beta1 = 0.5 }
       |                      ^^^^^
      help: did you mean `adam`? the kind of an optimizer is one of adam, rmsprop, sgd
    "#);
}

#[test]
fn a_setting_of_another_optimizer() {
    let text = with("\"adam\"", "{ kind = \"sgd\", beta1 = 0.5 }");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:29:29: unknown field `beta1`
       |
    29 | optimizer = { kind = "sgd", beta1 = 0.5 }
       |                             ^^^^^
      help: an optimizer of kind `sgd` takes momentum
    "#);
}

#[test]
fn several_mistakes_of_several_tables() {
    let text = with(
        "epochs = 100\nbatch_size = 32",
        "epoch = 100\nbatch_size = -1",
    )
    .replace("hidden = [30]", "hidden = 30\ndropout = 2");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:10: expected a list, found the number 30
       |
    20 | hidden = 30
       |          ^^

    error: prices.toml:21:11: `dropout` must be at least 0 and below 1, found 2
       |
    21 | dropout = 2
       |           ^

    error: prices.toml:27:1: unknown field `epoch`
       |
    27 | epoch = 100
       | ^^^^^
      help: did you mean `epochs`? `[train]` takes batch_size, early_stopping, epochs, learning_rate, loss, optimizer, reduce_learning_rate

    error: prices.toml:28:14: `batch_size` must be a whole number of at least 1, found -1
       |
    28 | batch_size = -1
       |              ^^
    "#);
}

#[test]
fn the_syntax() {
    let text =
        with("title = \"Prices\"", "title = \"Prices").replace("lookback = 30", "lookback 30");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:1:16: invalid basic string, expected `"`
      |
    1 | title = "Prices
      |                ^

    error: prices.toml:11:10: key with no value, expected `=`
       |
    11 | lookback 30
       |          ^
    "#);
}

#[test]
fn an_unknown_axis() {
    let text = and("trian.epochs = [1, 2]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: `trian.epochs` is no setting
       |
    35 | trian.epochs = [1, 2]
       | ^^^^^^^^^^^^
      help: did you mean `train`? an axis begins with dataset, model, seed, split, train, window
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
      help: did you mean `epochs`? `[train]` takes batch_size, early_stopping, epochs, learning_rate, loss, optimizer, reduce_learning_rate
    "#);
}

#[test]
fn an_axis_of_an_undeclared_model() {
    let text = and("model.hybrid.lstm = [[30], [50]]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:1: cannot extend value of type array with a dotted key
       |
    35 | model.hybrid.lstm = [[30], [50]]
       | ^^^^^
      help: in quotes a path is a key of its own: "model.lstm.hidden" = [[30], [60]]
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
    let text =
        and("[[grid.zip]]\ntrain.epochs = [10, 20, 30]\ntrain.learning_rate = [0.1, 0.01]\n");
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
fn early_stopping_without_validation() {
    let text = with("validation = 0.1", "validation = 0").replace(
        "epochs = 100",
        "epochs = 100\nearly_stopping = { patience = 5 }",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:27:1: `early_stopping` needs validation examples, and `split.validation` is 0
       |
    27 | early_stopping = { patience = 5 }
       | ^^^^^^^^^^^^^^
      help: set validation = 0.1 in [split]
    "#);
}

#[test]
fn early_stopping_without_validation_in_one_cell() {
    let text = with(
        "epochs = 100",
        "epochs = 100\nearly_stopping = { patience = 5 }",
    )
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
fn a_loss_of_another_task() {
    let text = with("\"mse\"", "\"binary_cross_entropy\"");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:28:8: the loss `binary_cross_entropy` does not fit a regression
       |
    28 | loss = "binary_cross_entropy"
       |        ^^^^^^^^^^^^^^^^^^^^^^
      help: a regression takes mse or mae
    "#);
}

#[test]
fn a_monitor_of_another_task() {
    let text = with(
        "epochs = 100",
        "epochs = 100\nearly_stopping = { patience = 5, monitor = \"validation_accuracy\" }",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:27:44: the monitor `validation_accuracy` does not fit a regression
       |
    27 | early_stopping = { patience = 5, monitor = "validation_accuracy" }
       |                                            ^^^^^^^^^^^^^^^^^^^^^
      help: a regression has validation_loss
    "#);
}

#[test]
fn no_window() {
    let text = with("[window]\nlookback = 30\nhorizon = 1\n", "")
        .replace("window.horizon = [1, 3, 7]", "");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:4:1: the dataset `litecoin` is a series and needs [window]
      |
    4 | [dataset.litecoin]
      | ^^^^^^^^^^^^^^^^^^
      help: add [window] with lookback and horizon
    "#);
}

#[test]
fn no_training() {
    let text = with(
        "[train]\nepochs = 100\nbatch_size = 32\nloss = \"mse\"\noptimizer = \"adam\"\nlearning_rate = 0.001\n",
        "",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:18:1: the model `lstm` is trained and needs [train]
       |
    18 | [model.lstm]
       | ^^^^^^^^^^^^
      help: add [train] with epochs, batch_size, loss, optimizer and learning_rate
    "#);
}

#[test]
fn an_unknown_metric() {
    let text = and(
        "[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"mse\", \"rsme\"]\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:38:19: unknown metric `rsme`
       |
    38 | columns = ["mse", "rsme"]
       |                   ^^^^^^
      help: did you mean `rmse`? a regression has mae, mape, mse, r2, relative_mae, rmse
    "#);
}

#[test]
fn a_metric_of_another_task() {
    let text =
        and("[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"accuracy\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:38:12: the metric `accuracy` does not fit a regression
       |
    38 | columns = ["accuracy"]
       |            ^^^^^^^^^^
      help: a regression has mae, mape, mse, r2, relative_mae, rmse
    "#);
}

#[test]
fn an_unknown_kind_of_figure() {
    let text = and("[[report.figure]]\nkind = \"learning_curve\"\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:36:8: unknown value `learning_curve`
       |
    36 | kind = "learning_curve"
       |        ^^^^^^^^^^^^^^^^
      help: did you mean `learning_curves`? `kind` is one of data_preview, forecast, learning_curves, metric_by_axis, model_summary, scaling, windows
    "#);
}

#[test]
fn unknown_paths_in_a_report() {
    let text = and(
        "[[report.figure]]\nkind = \"metric_by_axis\"\nx = \"window.horizn\"\neach = [\"datset\"]\nwhere = { window.lokback = 30, window.horizon = 2 }\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:37:5: no cell has the setting `window.horizn`
       |
    37 | x = "window.horizn"
       |     ^^^^^^^^^^^^^^^
      help: did you mean `window.horizon`? the axes are model, window.horizon

    error: prices.toml:38:9: no cell has the setting `datset`
       |
    38 | each = ["datset"]
       |         ^^^^^^^^
      help: did you mean `dataset`? the axes are model, window.horizon

    error: prices.toml:39:18: no cell has the setting `window.lokback`
       |
    39 | where = { window.lokback = 30, window.horizon = 2 }
       |                  ^^^^^^^
      help: did you mean `window.lookback`? the axes are model, window.horizon

    error: prices.toml:39:49: no cell has the window.horizon `2`
       |
    39 | where = { window.lokback = 30, window.horizon = 2 }
       |                                                 ^
      help: the cells have 1, 3, 7
    "#);
}

#[test]
fn an_unknown_model_in_a_comparison() {
    let text = and(
        "[[report.comparison]]\ntitle = \"Better?\"\nmetric = \"rmse\"\npairs = [[\"lstm\", \"nave\"]]\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:38:19: no cell has the model `nave`
       |
    38 | pairs = [["lstm", "nave"]]
       |                   ^^^^^^
      help: did you mean `naive`? the cells have lstm, naive
    "#);
}

#[test]
fn a_missing_reference() {
    let text = and(
        "[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"mse\"]\nreference = \"printed.csv\"\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:39:13: cannot read the reference: printed.csv: there is no such file
       |
    39 | reference = "printed.csv"
       |             ^^^^^^^^^^^^^
      help: the file stands beside the TOML file that names it
    "#);
}

#[test]
fn a_blank_in_a_title() {
    let text =
        and("[[report.figure]]\nkind = \"forecast\"\ntitle = \"{dataset}\"\neach = [\"model\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:37:9: `{dataset}` in the title is not in `each`
       |
    37 | title = "{dataset}"
       |         ^^^^^^^^^^^
      help: each holds model
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
fn a_wrong_table_that_no_cell_uses() {
    let text = with("model = [\"lstm\", \"naive\"]", "model = [\"naive\"]")
        .replace("hidden = [30]", "hidden = []");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:10: `hidden` must hold at least one width
       |
    20 | hidden = []
       |          ^^
    "#);
}

#[test]
fn a_range_in_a_table_of_kinds() {
    let text =
        and("train.optimizer = [\"adam\", \"rmsprob\", { kind = \"sgd\", momentm = 0.9 }, 3]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:28: unknown kind `rmsprob`
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                            ^^^^^^^^^
      help: did you mean `rmsprop`? the kind of an optimizer is one of adam, rmsprop, sgd

    error: prices.toml:35:55: unknown field `momentm`
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                                                       ^^^^^^^
      help: did you mean `momentum`? an optimizer of kind `sgd` takes momentum

    error: prices.toml:35:72: expected a table with a `kind`, found the number 3
       |
    35 | train.optimizer = ["adam", "rmsprob", { kind = "sgd", momentm = 0.9 }, 3]
       |                                                                        ^
      help: the kind of an optimizer is one of adam, rmsprop, sgd
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
      help: did you mean `window`? an axis begins with dataset, model, seed, split, train, window
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
fn a_missing_field_next_to_one_that_is_wrong() {
    let text = with(
        "epochs = 100\nbatch_size = 32\n",
        "epochs = 0\nearly_stopping = { patience = 0, min_dleta = 1 }\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:25:1: missing `batch_size`
       |
    25 | [train]
       | ^^^^^^^
      help: `[train]` needs `batch_size`

    error: prices.toml:26:10: `epochs` must be a whole number of at least 1, found 0
       |
    26 | epochs = 0
       |          ^

    error: prices.toml:27:31: `patience` must be a whole number of at least 1, found 0
       |
    27 | early_stopping = { patience = 0, min_dleta = 1 }
       |                               ^

    error: prices.toml:27:34: unknown field `min_dleta`
       |
    27 | early_stopping = { patience = 0, min_dleta = 1 }
       |                                  ^^^^^^^^^
      help: did you mean `min_delta`? `early_stopping` takes min_delta, monitor, patience
    "#);
}

#[test]
fn tables_of_the_wrong_type() {
    let text = with(
        "[model.naive]\nkind = \"last_value\"",
        "[model]\nnaive = \"last_value\"",
    )
    .replace("[split]\nkind = \"holdout\"\nvalidation = 0.1", "")
    .replace(
        "seed = 0",
        "seed = -1\nsplit = \"holdout\"\nrequires = \"gpu\"",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:2:8: expected a whole number of at least 0, found the number -1
      |
    2 | seed = -1
      |        ^^

    error: prices.toml:3:9: expected a table with a `kind`, found the string "holdout"
      |
    3 | split = "holdout"
      |         ^^^^^^^^^
      help: the kind of a split is one of backtest, holdout

    error: prices.toml:4:12: unknown value `gpu`
      |
    4 | requires = "gpu"
      |            ^^^^^
      help: `requires` is "cuda", or absent

    error: prices.toml:23:9: expected a table with a `kind`, found the string "last_value"
       |
    23 | naive = "last_value"
       |         ^^^^^^^^^^^^
      help: the kind of a model is one of drift, last_value, lstm, lstm_gru
    "#);
}

#[test]
fn settings_of_a_dataset_that_contradict_each_other() {
    let text = with(
        "target = \"Price\"",
        "target = \"Price\"\nfrom = 2020-01-01\nuntil = 2019-01-01",
    )
    .replace(
        "[grid]",
        "[grid]\ndataset.litecoin.features = [[\"Price\", \"Price\"]]",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:30: `features` lists column `Price` twice
       |
    35 | dataset.litecoin.features = [["Price", "Price"]]
       |                              ^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_date_that_is_none() {
    let text = and("dataset.litecoin.from = [2019-01-01, \"2019-13-01\", 5]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:35:38: `from` must be a date such as 2020-01-31, found `2019-13-01`
       |
    35 | dataset.litecoin.from = [2019-01-01, "2019-13-01", 5]
       |                                      ^^^^^^^^^^^^

    error: prices.toml:35:52: expected a date such as 2020-01-31, found the number 5
       |
    35 | dataset.litecoin.from = [2019-01-01, "2019-13-01", 5]
       |                                                    ^
    "#);
}
