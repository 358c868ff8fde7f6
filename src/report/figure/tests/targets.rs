//! Forecasts of several targets, with intervals, over gaps, and of values that are not published.

use super::*;
use crate::data::ForecastTarget;
use crate::data::card::TargetCurve;
use crate::metric::{Forecast, Forecasts, Keep, Last, Predictions, score};
use crate::report::results::ExperimentResults;

/// The study with so many targets in place of one: each is ten times the one before. Intervals reach one to both sides.
fn several(targets: usize, origins: usize) -> ExperimentResults {
    let mut experiment = study(&[2], origins);
    for stored in &mut experiment.records {
        let forecasts = stored.record.predictions.forecasts().unwrap();
        let spread = |values: &[f64]| {
            let of_value = |value: &f64| {
                (0..targets)
                    .map(|target| value * 10f64.powi(target as i32))
                    .collect::<Vec<f64>>()
            };
            values.iter().flat_map(of_value).collect::<Vec<f64>>()
        };
        let moved = |values: &[f64], by: f64| values.iter().map(|value| value + by).collect::<Vec<f64>>();
        let sample = |one: &Forecast| {
            let forecast = spread(&one.forecast);
            Forecast {
                origin: one.origin.clone(),
                last: Last::new(spread(&one.last)).unwrap(),
                quantiles: vec![moved(&forecast, -1.0), moved(&forecast, 1.0)],
                truth: spread(&one.truth),
                forecast,
            }
        };
        let target = |place: usize| ForecastTarget {
            name: format!("column {place}"),
            mean: 0.0,
            deviation: 1.0,
        };
        let samples = forecasts.whole().iter().map(sample).collect();
        let forecasts = Forecasts::of_targets((0..targets).map(target).collect(), "MW".to_owned(), samples);
        stored.record.predictions = Predictions::Regression(forecasts.with_levels(&[0.1, 0.9]));
        stored.record.metrics = score(&stored.record.predictions);
    }
    for dataset in experiment.card.datasets.values_mut() {
        let read = dataset.read.as_mut().unwrap();
        read.others = (1..targets.min(8))
            .map(|place| TargetCurve {
                curve: read.curve.clone(),
                name: format!("column {place}"),
            })
            .collect();
    }
    experiment
}

fn one(settings: Value, experiment: &ExperimentResults) -> FigureView {
    render(&spec(settings), experiment).remove(0)
}

fn panels(view: &FigureView) -> usize {
    assert_well_formed(&view.svg);
    assert!(!view.svg.contains("NaN") && !view.svg.contains("inf"));
    attributes(&view.svg, "data-plot").len()
}

#[test]
fn three_targets_have_a_panel_each_with_its_own_axis() {
    for origins in [1, 20] {
        let experiment = several(3, origins);
        let view = one(json!({"kind": "forecast"}), &experiment);
        assert_eq!(panels(&view), 3);
        let axes = attributes(&view.svg, "data-y");
        assert!(axes[0] != axes[1] && axes[1] != axes[2], "{axes:?}");
        let along = attributes(&view.svg, "data-x");
        assert!(along.iter().all(|axis| *axis == along[0]), "{along:?}");
        for name in ["column 0 (MW)", "column 1 (MW)", "column 2 (MW)"] {
            assert!(view.svg.contains(&format!(">{name}</text>")), "{name}");
        }
        // A model has one entry in the legend, whatever the number of panels.
        assert_eq!(view.svg.matches(">hybrid</text>").count(), 1);
        let columns = &view.table.columns;
        assert!(columns.contains(&"lstm, column 2".to_owned()), "{columns:?}");
        assert_eq!(panels(&one(json!({"kind": "data_preview"}), &experiment)), 3);
    }
}

#[test]
fn errors_by_step_have_a_panel_for_each_target_and_one_for_what_intervals_hold() {
    let view = one(json!({"kind": "residuals"}), &several(3, 20));
    assert_eq!(panels(&view), 4);
    assert_eq!(
        (&*view.table.columns[0], &**view.table.columns.last().unwrap()),
        ("target", "inside the interval")
    );
    // Three targets, three models, two steps.
    assert_eq!(view.table.rows.len(), 18);
    let inside = |row: &Vec<String>| row.last().unwrap().parse::<f64>().unwrap();
    assert!(view.table.rows.iter().all(|row| (0.0..=1.0).contains(&inside(row))));
    assert!(view.description.contains("lies in the 80 % interval"), "{}", view.description);
    // A summary knows the errors of each target, and of intervals only what all steps hold together.
    let mut short = several(3, 20);
    for stored in &mut short.records {
        stored.record.predictions = stored.record.predictions.clone().kept(Keep::Summary);
    }
    let of_summary = one(json!({"kind": "residuals"}), &short);
    assert_eq!(panels(&of_summary), 3);
    let mean = |view: &FigureView, row: usize| view.table.rows[row][4].clone();
    assert!((0..18).all(|row| mean(&of_summary, row) == mean(&view, row)));
}

#[test]
fn of_many_targets_the_first_are_drawn_and_the_figure_says_so() {
    let experiment = several(11, 1);
    let view = one(json!({"kind": "forecast"}), &experiment);
    assert_eq!(panels(&view), 8);
    assert!(
        view.description.contains("Of 11 targets the first 8 are drawn."),
        "{}",
        view.description
    );
    assert!(!view.svg.contains("column 8"));
    assert_eq!(panels(&one(json!({"kind": "residuals"}), &experiment)), 9);
}

#[test]
fn an_interval_is_a_band_behind_its_line_with_its_ends_in_the_table() {
    let view = one(json!({"kind": "forecast", "where": {"model": "hybrid"}}), &several(1, 20));
    assert_eq!(view.svg.matches(" data-band=").count(), 1);
    assert!(view.svg.contains(">80 % interval</text>"));
    let (band, line) = (
        view.svg.find(" data-band=").unwrap(),
        view.svg.find("<title>hybrid</title>").unwrap(),
    );
    assert!(band < line, "the band is drawn first");
    let place = |name: &str| view.table.columns.iter().position(|column| column == name).unwrap();
    let row = &view.table.rows[0];
    let number = |text: &str| text.parse::<f64>().unwrap();
    let (low, high) = row[place("80 % interval")].split_once(" to ").unwrap();
    let mean = number(&row[place("hybrid")]);
    assert!(
        (number(low) - (mean - 1.0)).abs() < 1e-3 && (number(high) - (mean + 1.0)).abs() < 1e-3,
        "{row:?}"
    );
    // Beside another line its name tells whose it is; without quantiles there is none.
    let both = one(json!({"kind": "forecast"}), &several(1, 20));
    assert!(both.svg.contains(">hybrid: 80 % interval</text>"));
    assert!(!one(json!({"kind": "forecast"}), &study(&[2], 20)).svg.contains("data-band"));
}

#[test]
fn no_line_is_drawn_across_a_gap() {
    let mut experiment = study(&[1], 1);
    let pens = |view: &FigureView| {
        let line = view.svg.split("<path data-s=\"0\" d=\"").nth(1).unwrap();
        line.split('"').next().unwrap().matches('M').count()
    };
    assert_eq!(pens(&one(json!({"kind": "data_preview"}), &experiment)), 1);
    for dataset in experiment.card.datasets.values_mut() {
        let read = dataset.read.as_mut().unwrap();
        read.gaps = vec![[read.curve[50].0.clone(), read.curve[51].0.clone()]];
        read.zone = Some("Europe/Berlin".to_owned());
    }
    let view = one(json!({"kind": "data_preview"}), &experiment);
    assert_eq!(pens(&view), 2);
    let told = "Between 2014-03-01 and 2014-04-01 rows are missing: no line is drawn there.";
    assert!(view.description.contains(told), "{}", view.description);
    assert!(view.svg.contains(">time in Europe/Berlin</text>"));
}

#[test]
fn where_no_value_is_published_a_sentence_says_what_is_needed() {
    let mut experiment = study(&[1], 1);
    for cell in experiment.card.cells.values_mut() {
        cell.configuration["dataset"]["publish"] = json!(false);
    }
    for kind in ["data_preview", "scaling", "forecast"] {
        let view = one(json!({"kind": kind}), &experiment);
        assert_eq!(view.svg, "", "{kind}");
        assert!(view.table.rows.is_empty());
        assert!(
            view.description.contains("who has crypto/litecoin.csv"),
            "{}",
            view.description
        );
    }
    assert_eq!(panels(&one(json!({"kind": "residuals"}), &experiment)), 1);
}
