//! Mistakes that concern whole files, several files, or the command line.

use super::Folder;

const BASE: &str = r#"[dataset.simulated]
kind = "simulated_prices"

[window]
lookback = 8
horizon = 1

[split]
kind = "holdout"

[model.naive]
kind = "last_value"
"#;

#[test]
fn all_mistakes_of_all_files_at_once() {
    let folder = Folder::new(&[
        ("a.toml", &BASE.replace("lookback", "lokback")),
        ("b.toml", &BASE.replace("last_value", "last_day")),
        ("c.toml", &BASE.replace("[split]", "[split")),
        ("d.toml", BASE),
    ]);
    insta::assert_snapshot!(folder.mistakes(&["", "e.toml"], &[]), @r#"
    error: e.toml: there is no such file
      help: name an experiment's .toml file, or a folder of them

    error: a.toml:5:1: unknown field `lokback`
      |
    5 | lokback = 8
      | ^^^^^^^
      help: did you mean `lookback`? `[window]` takes fit_scale_on, horizon, lookback, scale, scale_series, season, transform

    error: b.toml:12:8: unknown kind `last_day`
       |
    12 | kind = "last_day"
       |        ^^^^^^^^^^
      help: the kind of a model is one of KINDS

    error: c.toml:8:1: the header is not closed by `]`
      |
    8 | [split
      | ^^^^^^
      help: write [split]
    "#);
}

#[test]
fn a_mistake_in_the_extended_file_is_reported_there_once() {
    let folder = Folder::new(&[
        ("base.toml", &BASE.replace("horizon = 1", "horizon = 0")),
        ("one.toml", "extends = \"base.toml\"\n"),
        ("two.toml", "extends = \"base.toml\"\n[split]\nvalidation = 2\n"),
    ]);
    insta::assert_snapshot!(folder.mistakes(&[""], &[]), @r#"
    error: base.toml:6:11: `horizon` must be a whole number of at least 1, found 0
      |
    6 | horizon = 0
      |           ^

    error: two.toml:3:14: `validation` must be at least 0 and below 1, found 2
      |
    3 | validation = 2
      |              ^
      help: a share of 10 % is written 0.1
    "#);
}

#[test]
fn a_file_that_extends_nothing_readable() {
    let folder = Folder::new(&[
        ("base.toml", BASE),
        ("one.toml", "extends = \"bse.toml\"\n"),
        ("two.toml", "extends = \"base.toml\"\n"),
        ("three.toml", "extends = \"two.toml\"\n"),
    ]);
    insta::assert_snapshot!(folder.mistakes(&["one.toml", "three.toml"], &[]), @r#"
    error: one.toml:1:11: cannot extend: bse.toml: there is no such file
      |
    1 | extends = "bse.toml"
      |           ^^^^^^^^^^
      help: the path is taken from the folder of this file

    error: three.toml:1:11: `two.toml` extends `base.toml` itself
      |
    1 | extends = "two.toml"
      |           ^^^^^^^^^^
      help: only one level is allowed: extend that file instead, or copy what is needed
    "#);
}

#[test]
fn options_with_mistakes() {
    let folder = Folder::new(&[("base.toml", BASE)]);
    let set = [
        ("window.horizon", "none"),
        ("widow.lookback", "3"),
        ("model.lstm.hidden", "[3]"),
        ("model", "naiv"),
        ("seed", "[1"),
        ("window..scale", "none"),
    ];
    insta::assert_snapshot!(folder.mistakes(&["base.toml"], &set), @r#"
    error: --set: expected a whole number, found the string "none"
      |
    1 | window.horizon=none
      |                ^^^^

    error: --set: unknown field `widow`
      |
    1 | widow.lookback=3
      | ^^^^^^^^^^^^^^
      help: did you mean `window`? an experiment takes backbone, dataset, extends, grid, intervals, model, predictions, report, requires, seed, split, title, train, window

    error: --set: no experiment has the table of `model.lstm.hidden`
      |
    1 | model.lstm.hidden=[3]
      | ^^^^^^^^^^^^^^^^^

    error: --set: unknown model `naiv`
      |
    1 | model=naiv
      |       ^^^^
      help: did you mean `naive`? the file declares naive

    error: --set: expected a TOML value or a word
      |
    1 | seed=[1
      |      ^^
      help: as 3, 0.5, true, [30, 50], lstm or "some text"

    error: --set: expected a dotted path
      |
    1 | window..scale=none
      | ^^^^^^^^^^^^^
      help: write --set train.epochs=3
    "#);
}

#[test]
fn an_option_that_names_a_table_or_one_that_is_elsewhere() {
    let text = BASE.replace(
        "[model.naive]",
        "[model.lstm]\nkind = \"lstm\"\nhidden = [3]\n\n[model.naive]",
    );
    let folder = Folder::new(&[("base.toml", &text)]);
    let told = |path: &str, value: &str| {
        let said = folder.mistakes(&["base.toml"], &[("model", "naive"), (path, value)]);
        said.lines().next().unwrap_or_default().to_owned()
    };
    for (path, value, expected) in [
        ("train", "1", "`train` is a table; set something in it: --set train.epochs=3"),
        (
            "window",
            "[3]",
            "`window` is a table; set something in it: --set window.SETTING=VALUE",
        ),
        (
            "model.lstm.train",
            "1",
            "`model.lstm.train` is a table; set something in it: --set model.lstm.train.epochs=3",
        ),
        (
            "model.lstm",
            "1",
            "`model.lstm` is a table; set something in it: --set model.lstm.SETTING=VALUE",
        ),
        (
            "dataset.simulated.train.epochs",
            "3",
            "[dataset.simulated] has no [train] of its own; for all that has one, write --set train.epochs=…",
        ),
        (
            "model.naive.train.epochs",
            "3",
            "[model.naive] has no [train] of its own; for all that has one, write --set train.epochs=…",
        ),
        (
            "model.lstm.window.horizon",
            "3",
            "[model.lstm] has no [window] of its own; for all that has one, write --set window.horizon=…",
        ),
    ] {
        assert_eq!(told(path, value), format!("error: --set: {expected}"), "{path}");
    }
}

#[test]
fn an_option_inside_what_the_grid_moves() {
    let text = format!("{BASE}[grid]\nsplit = [{{ kind = \"holdout\" }}]\n");
    let folder = Folder::new(&[("base.toml", &text)]);
    insta::assert_snapshot!(folder.mistakes(&["base.toml"], &[("split.validation", "0.1")]), @r#"
    error: --set: the grid moves `split` itself
      |
    1 | split.validation=0.1
      | ^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn names_paths_and_encodings() {
    let folder = Folder::new(&[("a.toml", BASE), ("notes.md", "")]);
    std::fs::create_dir(folder.path("below")).unwrap();
    std::fs::create_dir(folder.path("empty")).unwrap();
    std::fs::write(folder.path("below/a.toml"), BASE).unwrap();
    std::fs::write(folder.path("latin.toml"), b"title = \"a\"\nseed = \"\xe9\"\n").unwrap();
    let names = ["a.toml", "below/a.toml", "empty", "latin.toml"];
    insta::assert_snapshot!(folder.mistakes(&names, &[]), @r#"
    error: empty: no experiment in it
      help: an experiment is a .toml file in the folder or below

    error: latin.toml:2: the text is not UTF-8

    error: two experiments have the name `a`: a.toml and below/a.toml
      help: the name of the file is the name of the experiment: rename one
    "#);
}

#[test]
fn printed_values_with_mistakes() {
    let text = format!(
        "{BASE}[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"rmse\"]\nreference = \"printed.csv\"\n"
    );
    let folder = Folder::new(&[("a.toml", &text), ("printed.csv", "modell,rmse\nnaive,0.02\nnaive,0.02,3\n")]);
    insta::assert_snapshot!(folder.mistakes(&["a.toml"], &[]), @r#"
    error: printed.csv:1:1: the column `modell` is no setting of a cell and no metric
      |
    1 | modell,rmse
      | ^^^^^^
      help: did you mean `model`? a column is a dotted path or one of METRICS

    error: printed.csv:3:1: the row has 3 values, and the header 2
      |
    3 | naive,0.02,3
      | ^^^^^^^^^^^^
    "#);
}

#[test]
fn a_file_that_says_nothing() {
    let folder = Folder::new(&[("empty.toml", "")]);
    insta::assert_snapshot!(folder.mistakes(&["empty.toml"], &[]), @r#"
    error: empty.toml:1:1: the experiment has no dataset
      |
    1 |
      | ^
      help: declare one as [dataset.NAME]

    error: empty.toml:1:1: the experiment has no model
      |
    1 |
      | ^
      help: declare one as [model.NAME]
    "#);
}

#[test]
fn columns_are_counted_in_characters() {
    let text = BASE.replace(
        "kind = \"simulated_prices\"",
        "kind = \"simulated_prices\"\t# tägliche Kurse\n\"größe\" = 3",
    );
    let folder = Folder::new(&[("a.toml", &text.replace('\n', "\r\n"))]);
    let said = folder.mistakes(&["a.toml"], &[]);
    let (cause, _) = said.split_once("\n  help: ").unwrap();
    insta::assert_snapshot!(cause, @r#"
    error: a.toml:3:1: unknown field `größe`
      |
    3 | "größe" = 3
      | ^^^^^^^
    "#);
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let folder = Folder::new(&[("a.toml", "titel = 1\n")]);
    let error = folder.load(&["a.toml"], &[]).unwrap_err();
    assert!(error.render(true).contains("\x1b[1;31merror:\x1b[0m"));
    assert!(!error.to_string().contains('\x1b'));
}

#[test]
fn a_damaged_file_never_breaks_the_reader() {
    let whole = format!(
        "{BASE}[train]\noptimizer = {{ kind = \"sgd\", momentum = 0.5 }}\nearly_stopping = {{ patience = 3 }}\n\
         [model.lstm]\nkind = \"lstm\"\nhidden = [4]\n[grid]\nmodel = [\"naive\", \"lstm\"]\nseed = {{ from = 0, to = 3 }}\n\
         train.optimizer.momentum = [0, 1]\n[[grid.zip]]\nwindow.horizon = [1, 2]\nwindow.lookback = [3, 4]\n\
         [[grid.exclude]]\nmodel = \"naive\"\n[[grid.include]]\nwindow = {{ lookback = 1, horizon = 1 }}\n\
         [[report.table]]\ntitle = \"t\"\nrows = [\"model\"]\ncolumns = [\"mse\"]\nwhere = {{ window.horizon = 1 }}\n"
    );
    let folder = Folder::new(&[]);
    let mut damaged: Vec<String> = (0..whole.len()).map(|end| whole[..end].to_owned()).collect();
    let tokens = [
        "[]",
        "{}",
        "\"\"",
        "-1",
        "nan",
        "1e999",
        "1979-05-27",
        "{ a.b = [1] }",
        "[[0]]",
        "99999999999999999999",
    ];
    for (index, line) in whole.lines().enumerate() {
        let with = |line: &str| {
            let lines: Vec<&str> = whole
                .lines()
                .enumerate()
                .map(|(at, old)| if at == index { line } else { old })
                .collect();
            lines.join("\n")
        };
        damaged.push(with(""));
        if let Some((key, _)) = line.split_once(" = ") {
            damaged.extend(tokens.iter().map(|token| with(&format!("{key} = {token}"))));
        }
    }
    for text in damaged {
        std::fs::write(folder.path("a.toml"), &text).unwrap();
        if let Err(error) = folder.load(&["a.toml"], &[]) {
            assert!(error.count() > 0 && !error.to_string().is_empty(), "{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_ends_in_toml_and_is_no_file_is_told() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new(&[("real.txt", BASE)]);
    symlink(folder.path("real.txt"), folder.path("linked.toml")).unwrap();
    let experiments = folder.load(&[""], &[]).unwrap();
    assert_eq!(experiments[0].name, "linked");
    symlink(folder.path("nowhere"), folder.path("dangling.toml")).unwrap();
    std::fs::create_dir(folder.path("folder.toml")).unwrap();
    let said = folder.mistakes(&[""], &[]);
    assert!(said.contains("dangling.toml: a link that leads nowhere"), "{said}");
    assert!(
        said.contains("folder.toml: a folder with the name of an experiment"),
        "{said}"
    );
    assert_eq!(said.matches("error:").count(), 2, "{said}");
}

#[test]
fn a_name_that_leaves_the_results_is_refused() {
    let folder = Folder::new(&[("...toml", BASE)]);
    let said = folder.mistakes(&["...toml"], &[]);
    assert!(said.contains("cannot be a folder's: it names a folder"), "{said}");
}
