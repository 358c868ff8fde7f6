//! Every kind on made-up results.

use serde_json::{Value, json};

use super::*;
use crate::language::report::ReportSpec;
use crate::report::results::ExperimentResults;
use crate::report::sample::{self, Sample};

mod clips; // the kinds that show classified clips
mod targets; // several targets, intervals, gaps, values that are not published

fn spec(settings: Value) -> FigureSpec {
    serde_json::from_value(settings).unwrap()
}

fn study(horizons: &[usize], origins: usize) -> ExperimentResults {
    sample::experiment(&sample::study(horizons, origins), ReportSpec::default())
}

/// One figure of each kind, as the first study declares them.
fn every_kind() -> Vec<FigureSpec> {
    let each = json!(["dataset", "window.horizon"]);
    vec![
        spec(json!({"kind": "data_preview", "title": "The data: {dataset}"})),
        spec(json!({"kind": "scaling"})),
        spec(json!({"kind": "windows", "each": each})),
        spec(json!({"kind": "learning_curves", "each": each, "metrics": ["mse", "mae"]})),
        spec(json!({"kind": "forecast", "each": each})),
        spec(json!({"kind": "residuals", "each": each})),
        spec(json!({"kind": "metric_by_axis", "each": ["dataset"], "x": "window.horizon", "metrics": ["rmse"]})),
        spec(json!({"kind": "model_summary", "each": ["model", "window.horizon"]})),
    ]
}

/// What follows `key="` in a drawing, up to the next quote, every time.
fn attributes<'a>(svg: &'a str, key: &str) -> Vec<&'a str> {
    let key = format!(" {key}=\"");
    svg.split(&*key).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every element that opens closes, in order.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_kind_draws_with_and_without_records() {
    for origins in [1, 30] {
        let full = study(&[1, 3], origins);
        let mut empty = full.clone();
        empty.records.clear();
        let mut bare = empty.clone();
        bare.card.datasets.values_mut().for_each(|dataset| dataset.read = None);
        bare.card.cuts.clear();
        bare.card.models.clear();
        for experiment in [&full, &empty, &bare] {
            let mut ids = Vec::new();
            for spec in every_kind() {
                let views = render(&spec, experiment);
                assert!(!views.is_empty());
                for view in views {
                    assert_well_formed(&view.svg);
                    assert!(!view.svg.contains("NaN") && !view.svg.contains("inf"));
                    assert!(!view.title.is_empty() && view.description.ends_with('.'));
                    let columns = view.table.columns.len();
                    assert!(view.table.rows.iter().all(|row| row.len() == columns));
                    let own = attributes(&view.svg, "id").into_iter().map(str::to_owned);
                    let own: Vec<String> = own.collect();
                    assert_eq!(attributes(&view.svg, "aria-labelledby"), [own.join(" ")]);
                    ids.extend(own);
                }
            }
            let count = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), count, "ids repeat");
        }
    }
}

#[test]
fn the_same_results_give_the_same_bytes_in_any_order_of_planning() {
    let experiment = study(&[1, 3], 1);
    let mut samples = sample::study(&[1, 3], 1);
    // The order of datasets and seeds says nothing; the order of networks decides the colours.
    samples.rotate_left(14);
    let rotated = sample::experiment(&samples, ReportSpec::default());
    for spec in every_kind() {
        assert_eq!(render(&spec, &experiment), render(&spec, &experiment));
        if spec.kind != FigureKind::ModelSummary {
            assert_eq!(render(&spec, &experiment), render(&spec, &rotated));
        }
    }
}

#[test]
fn what_is_missing_is_said_with_the_way_to_get_it() {
    let mut experiment = study(&[1], 1);
    experiment.records.clear();
    let view = &render(&spec(json!({"kind": "forecast"})), &experiment)[0];
    assert!(view.description.contains("runner sweep"), "{}", view.description);
    assert!(view.table.rows.is_empty());
    let nowhere = spec(json!({"kind": "learning_curves", "where": {"dataset": "dogecoin"}}));
    let view = &render(&nowhere, &experiment)[0];
    assert!(view.svg.contains("No planned cell matches"));
}

#[test]
fn each_combination_has_its_figure_and_its_title() {
    let experiment = study(&[1, 3], 1);
    let titled = spec(json!({
        "kind": "learning_curves", "each": ["dataset", "window.horizon"],
        "title": "{dataset}, {window.horizon} ahead", "metrics": ["mse"],
    }));
    let titles: Vec<String> = render(&titled, &experiment).into_iter().map(|view| view.title).collect();
    let expected = ["litecoin, 1 ahead", "litecoin, 3 ahead", "monero, 1 ahead", "monero, 3 ahead"];
    assert_eq!(titles, expected);
}

#[test]
fn a_model_has_one_colour_in_all_figures() {
    let experiment = study(&[1], 1);
    let color_of_hybrid = |settings: Value| -> String {
        let view = render(&spec(settings), &experiment).remove(0);
        let legend = view.svg.split(">hybrid<").next().unwrap().to_owned();
        let colors = legend.split("var(--series-").last().unwrap();
        colors[..1].to_owned()
    };
    // The naive forecast has no history and no network; alone or together, hybrid stays the second series.
    let curves = json!({"kind": "learning_curves", "metrics": ["mse"], "where": {"dataset": "monero"}});
    let forecasts = json!({"kind": "forecast"});
    let alone = json!({"kind": "forecast", "where": {"model": "hybrid"}});
    for settings in [curves, forecasts, alone] {
        assert_eq!(color_of_hybrid(settings), "2");
    }
}

#[test]
fn a_mean_is_over_seeds_alone() {
    let experiment = study(&[1, 3], 1);
    // Nothing here tells horizons apart, so they must not be mixed into one line.
    let view = render(
        &spec(json!({"kind": "learning_curves", "where": {"dataset": "monero"}, "metrics": ["mse"]})),
        &experiment,
    );
    let columns = &view[0].table.columns;
    assert!(columns.contains(&"lstm, window.horizon = 3, mse".to_owned()), "{columns:?}");
    let view = render(
        &spec(json!({"kind": "learning_curves", "each": ["dataset", "window.horizon"], "metrics": ["mse"]})),
        &experiment,
    );
    let histories: Vec<f64> = experiment
        .records
        .iter()
        .filter(|stored| stored.id.starts_with("litecoin,lstm,horizon=1,"))
        .map(|stored| stored.record.history["mse"][0])
        .collect();
    assert_eq!(histories.len(), 3);
    let mean = histories.iter().sum::<f64>() / 3.0;
    assert_eq!(view[0].table.rows[0][1], crate::report::round::number(mean));
}

#[test]
fn a_model_that_does_not_read_the_axis_is_a_line_across() {
    let by_epochs = spec(json!({
        "kind": "metric_by_axis", "x": "train.epochs", "metrics": ["rmse"], "where": {"dataset": "monero"},
    }));
    let view = render(&by_epochs, &study(&[1], 1)).remove(0);
    let naive = view.table.rows.iter().find(|row| row[1] == "naive").unwrap();
    assert_eq!(naive[2], "any");
    assert!(view.description.contains("a line across"));
}

#[test]
fn names_of_models_are_text_not_markup() {
    let samples: Vec<Sample> = (0..2)
        .map(|seed| Sample {
            dataset: "a<b>&\"c\"",
            model: "</svg><script>alert(1)</script>",
            horizon: 1,
            seed: Some(seed),
            origins: 1,
            miss: 1.0,
        })
        .collect();
    let experiment = sample::experiment(&samples, ReportSpec::default());
    for spec in every_kind() {
        for view in render(&spec, &experiment) {
            assert!(!view.svg.contains("<script"), "{}", view.svg);
            assert_well_formed(&view.svg);
        }
    }
}

#[test]
fn a_backtest_draws_the_naive_forecast_once() {
    let experiment = study(&[1], 20);
    let naive_lines = |settings: Value| {
        let svg = render(&spec(settings), &experiment).remove(0).svg;
        svg.matches(">naive").count()
    };
    assert_eq!(naive_lines(json!({"kind": "forecast"})), 2); // the line's title and the legend's entry
    let without = json!({"kind": "forecast", "where": {"model": "lstm"}});
    assert_eq!(naive_lines(without), 2);
}
