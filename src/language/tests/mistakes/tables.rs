//! A mistake in a table of settings.

use super::{and, mistakes, with};

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
      help: a share of 10 % is written 0.1
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
      help: did you mean `lstm`? the kind of a model is one of KINDS
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
      help: the kind of a split is one of KINDS
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
      help: did you mean `train`? an experiment takes backbone, dataset, extends, grid, intervals, model, predictions, report, requires, seed, split, title, train, window
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
      help: did you mean `adam`? the kind of an optimizer is one of KINDS
    "#);
}

#[test]
fn a_setting_of_another_optimizer() {
    let text = with("\"adam\"", "{ kind = \"sgd\", rho = 0.5 }");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:29:29: unknown field `rho`
       |
    29 | optimizer = { kind = "sgd", rho = 0.5 }
       |                             ^^^
      help: it belongs to the kind rmsprop; an optimizer of kind `sgd` takes momentum
    "#);
}

#[test]
fn several_mistakes_of_several_tables() {
    let text = with("epochs = 100\nbatch_size = 32", "epoch = 100\nbatch_size = -1")
        .replace("hidden = [30]", "hidden = 30\ndropout = 2");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:10: expected a list, found the number 30
       |
    20 | hidden = 30
       |          ^^
      help: a list stands in brackets: hidden = [30]

    error: prices.toml:21:11: `dropout` must be at least 0 and below 1, found 2
       |
    21 | dropout = 2
       |           ^
      help: a share of 10 % is written 0.1

    error: prices.toml:27:1: unknown field `epoch`
       |
    27 | epoch = 100
       | ^^^^^
      help: did you mean `epochs`? `[train]` takes batch_size, checkpoint, clip_norm, drop_last, early_stopping, epochs, learning_rate, loss, optimizer, reduce_learning_rate, schedule

    error: prices.toml:28:14: `batch_size` must be a whole number of at least 1, found -1
       |
    28 | batch_size = -1
       |              ^^
    "#);
}

#[test]
fn the_syntax() {
    let text = with("title = \"Prices\"", "title = \"Prices").replace("lookback = 30", "lookback 30");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:1:9: the text that begins with " has no end
      |
    1 | title = "Prices
      |         ^
      help: text ends in the quote that it begins with, on the same line

    error: prices.toml:11:1: there is no `=` between a key and its value
       |
    11 | lookback 30
       | ^^^^^^^^^^^
      help: write lookback = 30
    "#);
}

#[test]
fn a_time_to_save_that_is_none() {
    let text = with("epochs = 100", "epochs = 100\ncheckpoint = \"2 hours\"");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:27:14: `checkpoint` must be as "10 epochs", "2 minutes" or "never", found "2 hours"
       |
    27 | checkpoint = "2 hours"
       |              ^^^^^^^^^
    "#);
}

#[test]
fn early_stopping_without_validation() {
    let text = with("validation = 0.1", "validation = 0")
        .replace("epochs = 100", "epochs = 100\nearly_stopping = { patience = 5 }");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:27:1: `early_stopping` needs validation examples, and `split.validation` is 0
       |
    27 | early_stopping = { patience = 5 }
       | ^^^^^^^^^^^^^^
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
      help: a regression takes LOSSES
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
    let text = with("[window]\nlookback = 30\nhorizon = 1\n", "").replace("window.horizon = [1, 3, 7]", "");
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
fn a_wrong_table_that_no_cell_uses() {
    let text = with("model = [\"lstm\", \"naive\"]", "model = [\"naive\"]").replace("hidden = [30]", "hidden = []");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:20:10: `hidden` must hold at least one width
       |
    20 | hidden = []
       |          ^^
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
    let text = with("[model.naive]\nkind = \"last_value\"", "[model]\nnaive = \"last_value\"")
        .replace("[split]\nkind = \"holdout\"\nvalidation = 0.1", "")
        .replace("seed = 0", "seed = -1\nsplit = \"holdout\"\nrequires = \"gpu\"");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:2:8: expected a whole number of at least 0, found the number -1
      |
    2 | seed = -1
      |        ^^

    error: prices.toml:3:9: expected a table with a `kind`, found the string "holdout"
      |
    3 | split = "holdout"
      |         ^^^^^^^^^
      help: the kind of a split is one of KINDS

    error: prices.toml:4:12: unknown value `gpu`
      |
    4 | requires = "gpu"
      |            ^^^^^
      help: `requires` is "cuda", or "cpu", which any machine has

    error: prices.toml:23:9: expected a table with a `kind`, found the string "last_value"
       |
    23 | naive = "last_value"
       |         ^^^^^^^^^^^^
      help: the kind of a model is one of KINDS
    "#);
}

#[test]
fn settings_of_a_dataset_that_contradict_each_other() {
    let text = with(
        "target = \"Price\"",
        "target = \"Price\"\nfrom = 2020-01-01\nuntil = 2019-01-01",
    )
    .replace("[grid]", "[grid]\ndataset.litecoin.features = [[\"Price\", \"Price\"]]");
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
