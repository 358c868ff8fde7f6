use super::regression::{Guard, regressions};
use super::*;
use crate::report::sample::Sample;

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
        id: "dataset=litecoin,model=lstm".to_owned(),
        changed: records[0].iter().map(|stored| stored.id.clone()).collect(),
        cells: records[0].len(),
        settings: Vec::new(),
        parts: Vec::new(),
        effects: effect::effects(&records),
        records,
    };
    let mut experiments = vec![Experiment {
        name: "study".to_owned(),
        groups: vec![group],
        ..Experiment::default()
    }];
    effect::judge(&mut experiments);
    Comparison {
        before: "before".to_owned(),
        after: "after".to_owned(),
        experiments,
        same: 0,
        unreadable: Vec::new(),
    }
}

fn verdict(comparison: &Comparison, metric: &str) -> Verdict {
    let effects = &comparison.experiments[0].groups[0].effects;
    let mut of_metric = effects.iter().filter(|effect| effect.metric == metric);
    of_metric.next().unwrap().verdict
}

#[test]
fn a_group_is_an_id_without_its_own_seed() {
    let group = |id: &str| group_of(&("study".to_owned(), id.to_owned())).1;
    assert_eq!(
        group("dataset=a,model=b,seed=3,window.horizon=7"),
        "dataset=a,model=b,window.horizon=7"
    );
    let split = "dataset=a,model=b,split={kind=group,seed=1,size=20}";
    assert_eq!(group(split), split);
}

#[test]
fn a_backtest_tells_a_worse_commit_from_chance() {
    let worse = comparison(sides(&[0, 1, 2], 60, 4.0));
    assert_eq!(verdict(&worse, "rmse"), Verdict::Worse);
    let better = comparison(sides(&[0, 1, 2], 60, 0.1));
    assert_eq!(verdict(&better, "mae"), Verdict::Better);
    assert_eq!(
        verdict(&comparison(sides(&[0], 60, 1.0)), "mae"),
        Verdict::Equal
    );
}

#[test]
fn a_small_test_set_tells_nothing_and_the_tolerance_decides() {
    // A holdout has one origin: no test set to rank by.
    let worse = comparison(sides(&[0], 1, 4.0));
    assert_eq!(verdict(&worse, "rmse"), Verdict::WorseUntested);
    let nearly = comparison(sides(&[0], 1, 1.004));
    assert_eq!(verdict(&nearly, "rmse"), Verdict::WithinTolerance);
    let guarded = |comparison: &Comparison, text: &str| {
        regressions(comparison, &[Guard::parse(text).unwrap()]).len()
    };
    assert_eq!(guarded(&worse, ""), 1);
    assert_eq!(guarded(&worse, "mae"), 1);
    assert_eq!(guarded(&worse, "rmse=1000%"), 0);
    assert_eq!(guarded(&nearly, ""), 0);
    assert_eq!(guarded(&nearly, "rmse=0.001"), 1);
    assert_eq!(guarded(&nearly, "rmse=0.01"), 0);
    assert!(regressions(&worse, &[]).is_empty());
}

#[test]
fn a_guard_that_cannot_be_meant_is_refused() {
    for text in ["rmze", "rmse=-1", "rmse=many", "HEAD~1", "rmse=inf"] {
        assert!(Guard::parse(text).is_err(), "{text}");
    }
    assert_eq!(Guard::parse("rmse=2%"), Guard::parse("rmse=0.02"));
}

#[test]
fn narrow_terminals_get_shorter_lines() {
    let compared = comparison(sides(&[0, 1, 2], 60, 4.0));
    for width in [60, 80, 200] {
        let look = text::Look {
            width,
            color: false,
        };
        let shown = text::terminal(&compared, &[], look);
        let rows = shown.lines().filter(|line| line.contains('→')).skip(1);
        assert!(rows.clone().count() >= 5);
        for line in rows {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
    let colored = text::Look {
        width: 80,
        color: true,
    };
    assert!(text::terminal(&compared, &[], colored).contains("\u{1b}[38;5;208m"));
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
    let page = html::render(
        &compared,
        &regressions(&compared, &[Guard::parse("").unwrap()]),
    )
    .unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
}
