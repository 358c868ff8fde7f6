//! What is beyond all bounds: values that no machine could use, and files that would make messages that nobody could read.

use super::{and, mistakes, with};

#[test]
fn values_beyond_all_bounds_are_told_at_their_place() {
    for (old, new) in [
        ("hidden = [30]", "hidden = [1000000000000000000]"),
        ("hidden = [30]", "hidden = [30]\ndense = [100000000]"),
        ("lookback = 30", "lookback = 1000000000000"),
        ("horizon = 1\n", "horizon = 9223372036854775807\n"),
        ("epochs = 100", "epochs = 9223372036854775807"),
        ("batch_size = 32", "batch_size = 9223372036854775807"),
        ("0.001", "1e300"),
        ("kind = \"holdout\"", "kind = \"backtest\"\norigins = 9223372036854775807"),
        (
            "epochs = 100",
            "epochs = 100\nearly_stopping = { patience = 9223372036854775807 }",
        ),
    ] {
        let said = mistakes(&with(old, new));
        assert_eq!(said.matches("error:").count(), 1, "{new}: {said}");
        assert!(said.contains("at most"), "{new}: {said}");
    }
    let layers = vec!["1"; 1001].join(", ");
    let said = mistakes(&with("hidden = [30]", &format!("hidden = [{layers}]")));
    assert!(said.contains("must hold at most 1000 widths"), "{said}");
}

#[test]
fn a_network_that_no_memory_holds_is_told_at_its_table() {
    let text = with("hidden = [30]", "hidden = [100000]");
    insta::assert_snapshot!(mistakes(&text), @r#"
    error: prices.toml:18:1: the model `lstm` would have about 4.0e10 weights, and at most 2147483648 are allowed
       |
    18 | [model.lstm]
       | ^^^^^^^^^^^^
      help: a layer's weights are about its width times the width before it: make the widths smaller
    "#);
}

#[test]
fn ranges_without_an_end_are_told() {
    for range in [
        "{ from = 0, to = inf }",
        "{ from = nan, to = 4 }",
        "{ from = 0, to = 1e308, step = 1e-300 }",
        "{ from = 0, to = 1, step = inf }",
        "{ from = 0, to = 1, steps = 1000000000000 }",
        "{ from = -9223372036854775808, to = 18446744073709551615 }",
    ] {
        let said = mistakes(&and(&format!("train.learning_rate = {range}\n")));
        assert_eq!(said.matches("error:").count(), 1, "{range}: {said}");
    }
}

#[test]
fn nothing_of_a_file_is_obeyed_by_the_terminal() {
    for text in [
        and("\"\\u001b[31mred\" = 1\n"),
        with("\"mse\"", "\"\\u001b[2J\\u202e\""),
        with("\"mse\"", "\"\u{1b}[2J\""),
        with("epochs = 100", "epochs = \u{1b}[31m"),
        with("title = \"Prices\"", "title = 1 # \u{202e}"),
    ] {
        let said = mistakes(&text);
        let obeyed = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!said.contains(obeyed), "{said:?}");
    }
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let long = "x".repeat(100_000);
    let said = mistakes(&with("\"mse\"", &format!("\"{long}\"")));
    assert!(said.len() < 1000, "{} bytes", said.len());
    let before = format!("{} ", vec!["1,"; 30_000].join(" "));
    let said = mistakes(&with("hidden = [30]", &format!("hidden = [{before}0]")));
    assert!(said.len() < 2000, "{} bytes", said.len());
    let marked = said.lines().rev().find(|line| line.contains('^')).map_or(0, str::len);
    assert!(marked < 200, "{said}");
}

#[test]
fn of_a_part_that_is_all_wrong_not_every_mistake_is_looked_for() {
    let started = std::time::Instant::now();
    let tables = "[[report.table]]\n".repeat(100_000);
    let said = mistakes(&format!("{}{tables}", super::SOUND));
    assert!(said.contains("prices.toml: and at least "), "{said}");
    // It took a minute and more where each mistake was looked for; this is generous.
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn of_very_many_mistakes_the_first_are_told() {
    let keys: String = (0..1000).map(|number| format!("key_{number} = 1\n")).collect();
    let said = mistakes(&format!("{keys}{}", super::SOUND));
    assert_eq!(said.matches("unknown field").count(), 50);
    assert!(said.contains("prices.toml: and 950 more mistakes"), "{said}");
}
