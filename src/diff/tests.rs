use super::document::Document;
use super::html::html;
use super::markdown::markdown;
use super::regression::{Guard, Judgement};
use super::terminal::{Look, terminal};
use super::*;
use serde_json::Value;

use crate::sample::Sample;

/// Records of a network over seeds; before they miss by 1, after by `miss`.
fn sides(seeds: &[u64], origins: usize, miss: f64) -> [Vec<Stored>; 2] {
    [1.0, miss].map(|miss| {
        let sample = |&seed| {
            let sample = Sample {
                dataset: "litecoin",
                model: "lstm",
                horizon: 1,
                seed: Some(seed),
                origins,
                miss,
            };
            sample.record()
        };
        seeds.iter().map(sample).collect()
    })
}

fn comparison(records: [Vec<Stored>; 2]) -> Comparison {
    let group = Group {
        id: "litecoin,lstm".to_owned(),
        changed: records[0].iter().map(|stored| stored.id.clone()).collect(),
        cells: records[0].len(),
        settings: Vec::new(),
        parts: Vec::new(),
        effects: Vec::new(),
        lacking: Vec::new(),
        records,
    };
    let mut experiments = vec![Experiment {
        name: "study".to_owned(),
        groups: vec![group],
        ..Experiment::default()
    }];
    effect::judge(&mut experiments, &["bias"]);
    Comparison {
        before: "before".to_owned(),
        after: "after".to_owned(),
        experiments,
        renamed: Vec::new(),
        same: 0,
        unplanned: Vec::new(),
        unreadable: Vec::new(),
    }
}

/// What is said where nothing is guarded against.
fn document(comparison: &Comparison) -> Document {
    Document::of(comparison, &Judgement::default())
}

fn verdict(comparison: &Comparison, metric: &str) -> Change {
    let effects = &comparison.experiments[0].groups[0].effects;
    let mut of_metric = effects.iter().filter(|effect| effect.metric == metric);
    of_metric.next().unwrap().verdict
}

#[test]
fn a_backtest_tells_a_worse_commit_from_chance() {
    let worse = comparison(sides(&[0, 1, 2], 60, 4.0));
    assert_eq!(verdict(&worse, "rmse"), Change::Worse);
    let better = comparison(sides(&[0, 1, 2], 60, 0.1));
    assert_eq!(verdict(&better, "mae"), Change::Better);
    assert_eq!(verdict(&comparison(sides(&[0], 60, 1.0)), "mae"), Change::Equal);
}

#[test]
fn a_metric_that_is_not_usual_is_looked_at_where_it_is_asked_for() {
    let worse = comparison(sides(&[0, 1, 2], 60, 4.0));
    let effects = &worse.experiments[0].groups[0].effects;
    let names: Vec<&str> = effects.iter().map(|effect| &*effect.metric).collect();
    assert!(names.contains(&"bias") && !names.contains(&"max_error"), "{names:?}");
    let bias = effects.iter().find(|effect| effect.metric == "bias").unwrap();
    assert_eq!(bias.lower_is_better, None);
    let nearer = bias.after.abs() < bias.before.abs();
    assert_eq!(bias.verdict.is_good(), Some(nearer), "{bias:?}");
}

#[test]
fn a_small_test_set_tells_nothing_and_the_tolerance_decides() {
    // A holdout has one origin: no test set to rank by.
    let worse = comparison(sides(&[0], 1, 4.0));
    assert_eq!(verdict(&worse, "rmse"), Change::WorseUntested);
    let nearly = comparison(sides(&[0], 1, 1.004));
    assert_eq!(verdict(&nearly, "rmse"), Change::WithinTolerance);
    let guarded = |comparison: &Comparison, text: &str| {
        let guards = [Guard::parse(text).unwrap()];
        Judgement::of(comparison, &guards, &[]).regressions.len()
    };
    assert_eq!(guarded(&worse, ""), 1);
    assert_eq!(guarded(&worse, "mae"), 1);
    assert_eq!(guarded(&worse, "rmse=1000%"), 0);
    assert_eq!(guarded(&nearly, ""), 0);
    // A guard that sees nothing lets nothing pass.
    let of_classes = [Guard::parse("accuracy").unwrap()];
    assert!(!Judgement::of(&worse, &of_classes, &[]).passes());
    assert_eq!(guarded(&nearly, "rmse=0.001"), 1);
    assert_eq!(guarded(&nearly, "rmse=0.01"), 0);
    assert!(Judgement::of(&worse, &[], &[]).passes());
}

#[test]
fn a_guard_that_cannot_be_meant_is_refused() {
    for text in ["rmze", "rmse=-1", "rmse=many", "HEAD~1", "rmse=inf", "rmse=8"] {
        assert!(Guard::parse(text).is_err(), "{text}");
    }
    assert_eq!(Guard::parse("rmse=2%"), Guard::parse("rmse=0.02"));
}

#[test]
fn narrow_terminals_get_shorter_lines() {
    let mut compared = comparison(sides(&[0, 1, 2], 60, 4.0));
    compared.before = "a branch whose name says all that was done on it (a1b2c3d4e)".to_owned();
    compared.unreadable.push("no/".repeat(70));
    for width in [40, 60, 80, 200] {
        let look = Look { width, color: false };
        let shown = terminal(&document(&compared), look);
        assert!(shown.lines().filter(|line| line.contains('→')).count() > 5);
        for line in shown.lines() {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
    let colored = Look { width: 80, color: true };
    assert!(terminal(&document(&compared), colored).contains("\u{1b}[38;5;208m"));
}

/// The same records with one metric changed.
fn with_metric(records: &[Vec<Stored>; 2], name: &str, values: [Option<f64>; 2]) -> [Vec<Stored>; 2] {
    let mut records = records.clone();
    for (side, value) in records.iter_mut().zip(values) {
        for stored in side {
            stored.record.metrics.remove(name);
            stored.record.metrics.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    records
}

#[test]
fn a_metric_that_records_lost_is_said_and_not_passed_by_its_guard() {
    let sides = sides(&[0, 1], 60, 1.0);
    let lost = comparison(with_metric(&sides, "rmse", [Some(4.0), None]));
    let group = &lost.experiments[0].groups[0];
    assert_eq!(group.lacking[0].in_words(group.cells), "RMSE 4 → none");
    for (guard, unchecked) in [("", 1), ("rmse", 1), ("rmse=1000%", 1), ("mae", 0)] {
        let judgement = Judgement::of(&lost, &[Guard::parse(guard).unwrap()], &[]);
        assert_eq!(judgement.unchecked.len(), unchecked, "{guard}");
    }
    assert!(Judgement::of(&lost, &[], &[]).passes());
    let look = Look {
        width: 120,
        color: false,
    };
    let guard = Judgement::of(&lost, &[Guard::parse("rmse").unwrap()], &[]);
    let shown = terminal(&Document::of(&lost, &guard), look);
    assert!(shown.contains("not checked: study/"), "{shown}");

    // One seed lost it: the others are compared with themselves.
    let mut one = sides.clone();
    one[1][0].record.metrics.remove("rmse");
    let one = comparison(one);
    let effects = &one.experiments[0].groups[0].effects;
    let rmse = effects.iter().find(|effect| effect.metric == "rmse");
    assert_eq!(rmse.unwrap().difference, 0.0);
    let lacking = &one.experiments[0].groups[0].lacking[0];
    assert!(lacking.in_words(2).ends_with("1 of 2 cells have it after"));
}

#[test]
fn from_nothing_every_change_counts() {
    let sides = sides(&[0], 1, 1.0);
    let risen = comparison(with_metric(&sides, "r2", [Some(0.0), Some(0.9)]));
    assert_eq!(verdict(&risen, "r2"), Change::BetterUntested);
    let fallen = comparison(with_metric(&sides, "r2", [Some(0.0), Some(-0.9)]));
    assert_eq!(verdict(&fallen, "r2"), Change::WorseUntested);
    let same = comparison(with_metric(&sides, "r2", [Some(0.0), Some(0.0)]));
    assert_eq!(verdict(&same, "r2"), Change::Equal);
}

#[test]
fn what_points_in_two_directions_or_nowhere_is_unclear() {
    // Forecasts got worse, but the mean of the metric over seeds says better.
    let worse = sides(&[0, 1, 2], 60, 4.0);
    let torn = comparison(with_metric(&worse, "rmse", [Some(3.0), Some(2.0)]));
    assert_eq!(verdict(&torn, "rmse"), Change::Unclear);
    let judgement = Judgement::of(&torn, &[Guard::parse("rmse").unwrap()], &[]);
    assert_eq!(judgement.unchecked.len(), 1);
    let other = comparison(with_metric(&worse, "kappa", [Some(0.5), Some(0.9)]));
    assert_eq!(verdict(&other, "kappa"), Change::Unclear);
    // Sums that are too large for a number.
    let huge = sides(&[0, 1], 60, 1e200);
    let huge = comparison(huge);
    assert_eq!(verdict(&huge, "mae"), Change::NoDifference);
}

#[test]
fn markdown_takes_text_as_text() {
    let mut compared = comparison(sides(&[0, 1], 40, 2.0));
    compared.before = "HEAD~5".to_owned();
    compared.experiments[0].groups[0].id = "a`b\nc".to_owned();
    compared.experiments[0].added.push("new".to_owned());
    let shown = markdown(&document(&compared));
    assert!(shown.contains("HEAD\\~5") && shown.contains("`a'b c`"), "{shown}");
    assert!(shown.contains("\n1 added:\n- `new`\n"), "{shown}");
    compared.experiments[0].name = "@someone at https://a.b and www.c.d".to_owned();
    let linked = markdown(&document(&compared));
    for link in ["@someone", "https://", "www.c"] {
        assert!(!linked.contains(link), "{link}: {linked}");
    }
    // A comment on GitHub has room for so much.
    let group = || comparison(sides(&[0, 1], 40, 2.0)).experiments.remove(0).groups.remove(0);
    compared.experiments[0].groups = (0..200).map(|_| group()).collect();
    let long = markdown(&document(&compared));
    assert!(long.len() < 65_000 && long.contains("more groups"), "{}", long.len());
}

#[test]
fn no_text_becomes_markup() {
    let mut compared = comparison(sides(&[0, 1], 40, 2.0));
    let wrong = "<script>alert('x')</script>|`*_";
    compared.before = wrong.to_owned();
    compared.experiments[0].name = wrong.to_owned();
    compared.experiments[0].added.push(wrong.to_owned());
    compared.experiments[0].groups[0].id = wrong.to_owned();
    compared.unreadable.push(wrong.to_owned());
    let wrong_shape = &mut compared.experiments[0].groups[0].records[0][0].record;
    wrong_shape.configuration = Value::Array(Vec::new());
    let judgement = Judgement::of(&compared, &[Guard::parse("").unwrap()], &[]);
    let page = html(&Document::of(&compared, &judgement), &compared).unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
}

#[test]
fn what_a_terminal_or_a_browser_acts_on_is_shown_as_text_and_long_text_is_cut() {
    let odd = "\u{1b}]0;x\u{7}\u{9b}2J\r\n\u{202e}\u{2066}\u{0}";
    let wrong = format!("{odd}{}", "long".repeat(100_000));
    let sides = sides(&[0, 1], 40, 2.0);
    let mut compared = comparison(with_metric(&sides, &wrong, [Some(1.0), Some(2.0)]));
    let lacking = comparison(with_metric(&sides, &wrong, [Some(1.0), None]));
    let lacking = &lacking.experiments[0].groups[0].lacking;
    compared.experiments[0].groups[0].lacking.clone_from(lacking);
    compared.before.clone_from(&wrong);
    compared.after.clone_from(&wrong);
    compared.unreadable.push(wrong.clone());
    compared.unplanned.push(Unplanned {
        experiment: wrong.clone(),
        ids: vec![wrong.clone()],
        dropped: vec![wrong.clone()],
    });
    let experiment = &mut compared.experiments[0];
    experiment.name.clone_from(&wrong);
    experiment.added.push(wrong.clone());
    experiment.removed.push(wrong.clone());
    let group = &mut experiment.groups[0];
    group.id.clone_from(&wrong);
    group.parts.push(wrong.clone());
    group.settings.push(Difference {
        path: wrong.clone(),
        before: Value::String(wrong.clone()),
        after: Value::Null,
    });
    for side in &mut group.records {
        for stored in side {
            stored.id.clone_from(&wrong);
            let configuration = &mut stored.record.configuration;
            configuration["dataset"]["name"] = Value::String(wrong.clone());
            configuration["train"][&wrong] = Value::String(wrong.clone());
        }
    }
    let guards = ["", "rmse"].map(|text| Guard::parse(text).unwrap());
    for allowed in [&[][..], &["*".to_owned()]] {
        let judgement = Judgement::of(&compared, &guards, allowed);
        assert!(!judgement.regressions.is_empty() && !judgement.removed.is_empty());
        let look = Look {
            width: 100,
            color: false,
        };
        let document = Document::of(&compared, &judgement);
        for shown in [
            terminal(&document, look),
            markdown(&document),
            html(&document, &compared).unwrap(),
        ] {
            let acts = |letter: &char| {
                letter.is_control() && !matches!(letter, '\n' | '\t')
                    || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            let found: Vec<char> = shown.chars().filter(acts).collect();
            assert!(found.is_empty(), "{found:?}");
            assert!(shown.len() < 100_000, "{}", shown.len());
            assert!(shown.contains("longlong"));
        }
    }
}
