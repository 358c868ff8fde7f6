//! A mistake in `[report]`.

use super::{and, mistakes};

#[test]
fn an_unknown_metric() {
    let text = and("[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"mse\", \"rsme\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:38:19: unknown metric `rsme`
       |
    38 | columns = ["mse", "rsme"]
       |                   ^^^^^^
      help: did you mean `rmse`? a regression has METRICS
    "#);
}

#[test]
fn a_metric_of_another_task() {
    let text = and("[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"accuracy\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:38:12: the metric `accuracy` does not fit a regression
       |
    38 | columns = ["accuracy"]
       |            ^^^^^^^^^^
      help: a regression has METRICS
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
      help: did you mean `learning_curves`? `kind` is one of KINDS
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

    error: prices.toml:39:11: no cell has the setting `window.lokback`
       |
    39 | where = { window.lokback = 30, window.horizon = 2 }
       |           ^^^^^^^^^^^^^^
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
    let text = and("[[report.comparison]]\ntitle = \"Better?\"\nmetric = \"rmse\"\npairs = [[\"lstm\", \"nave\"]]\n");
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
    let text =
        and("[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"mse\"]\nreference = \"printed.csv\"\n");
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
    let text = and("[[report.figure]]\nkind = \"forecast\"\ntitle = \"{dataset}\"\neach = [\"model\"]\n");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:37:9: `{dataset}` in the title is not in `each`
       |
    37 | title = "{dataset}"
       |         ^^^^^^^^^^^
      help: each holds model
    "#);
}

#[test]
fn a_figure_of_another_task_and_a_reference_where_none_is_taken() {
    let text = and(
        "[[report.figure]]\nkind = \"roc_curve\"\n\n[[report.figure]]\nkind = \"forecast\"\nreference = \"printed.csv\"\n",
    );
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:36:8: the figure `roc_curve` does not fit a regression
       |
    36 | kind = "roc_curve"
       |        ^^^^^^^^^^^
      help: it shows a binary classification

    error: prices.toml:40:1: `reference` does not fit this kind of figure
       |
    40 | reference = "printed.csv"
       | ^^^^^^^^^
      help: only `classification_report` takes a reference; tables take one too
    "#);
}
