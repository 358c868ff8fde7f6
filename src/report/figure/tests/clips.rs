//! The kinds that show classified clips.

use serde_json::json;

use super::{assert_well_formed, attributes, spec};
use crate::language::report::{FigureSpec, ReportSpec};
use crate::report::figure::render;
use crate::report::results::ExperimentResults;
use crate::report::sample::{self, clips};
use crate::report::{DataTable, FigureView};

fn study() -> ExperimentResults {
    clips::experiment(&clips::study(), ReportSpec::default())
}

fn every_kind() -> Vec<FigureSpec> {
    [
        json!({"kind": "pipeline"}),
        json!({"kind": "clip_images", "title": "Figures 17 and 18"}),
        json!({"kind": "confusion_matrix"}),
        json!({"kind": "roc_curve"}),
        json!({"kind": "classification_report"}),
        json!({"kind": "wrong_clips"}),
        json!({"kind": "learning_curves", "metrics": ["accuracy", "validation_accuracy"]}),
        json!({"kind": "model_summary"}),
        json!({"kind": "metric_by_axis", "x": "split.test", "metrics": ["accuracy"]}),
    ]
    .map(spec)
    .to_vec()
}

fn text(table: &DataTable) -> String {
    let rows = [&table.columns].into_iter().chain(&table.rows);
    rows.map(|row| row.join(" | ") + "\n").collect()
}

fn only(kind: &str) -> FigureView {
    render(&spec(json!({"kind": kind})), &study()).remove(0)
}

#[test]
fn every_kind_draws_with_and_without_records() {
    let full = study();
    let mut empty = full.clone();
    empty.records.clear();
    let mut bare = empty.clone();
    bare.media.clear();
    bare.card.backbones.clear();
    bare.card.cuts.clear();
    bare.card.datasets.values_mut().for_each(|dataset| dataset.read = None);
    bare.card.models.clear();
    for experiment in [&full, &empty, &bare] {
        let mut ids = Vec::new();
        for spec in every_kind() {
            let views = render(&spec, experiment);
            assert!(!views.is_empty());
            for view in views {
                assert_well_formed(&view.svg);
                assert!(!view.svg.contains("NaN") && !view.svg.contains("inf"));
                assert!(
                    !view.title.is_empty() && view.description.ends_with('.'),
                    "{}",
                    view.description
                );
                assert!(!view.svg.is_empty() || !view.table.rows.is_empty());
                let columns = view.table.columns.len();
                assert!(view.table.rows.iter().all(|row| row.len() == columns));
                ids.extend(attributes(&view.svg, "id").into_iter().map(str::to_owned));
            }
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "ids repeat");
    }
}

#[test]
fn a_confusion_matrix_is_a_mean_with_every_seed_in_the_table() {
    let view = only("confusion_matrix");
    insta::assert_snapshot!(format!("{}\n{}", view.description, text(&view.table)));
}

#[test]
fn a_roc_curve_names_its_area() {
    let view = only("roc_curve");
    let svg = &view.svg;
    assert!(
        svg.contains("conv_lstm, AUC 0.9") && svg.contains("majority, AUC 0.500"),
        "{svg}"
    );
    let first = &view.table.rows[0];
    assert_eq!(first[0], "0.000");
}

#[test]
fn printed_rates_stand_beside_ours() {
    let mut experiment = study();
    let rows = include_str!("../../../../experiments/violence_report_reference.csv");
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    let rows = reader.deserialize().collect::<Result<_, _>>().unwrap();
    experiment.card.reference.insert("p.csv".to_owned(), rows);
    let spec = spec(json!({"kind": "classification_report", "reference": "p.csv"}));
    let view = render(&spec, &experiment).remove(0);
    insta::assert_snapshot!(format!("{}\n{}", view.description, text(&view.table)));
}

#[test]
fn the_way_of_a_clip() {
    let view = only("pipeline");
    insta::assert_snapshot!(format!("{}\n{}", view.description, text(&view.table)));
}

#[test]
fn the_summary_of_the_network_adds_up_as_in_the_source() {
    let views = render(&spec(json!({"kind": "model_summary"})), &study());
    let totals: Vec<String> = views
        .iter()
        .map(|view| view.table.rows[view.table.rows.len() - 1].join(" "))
        .collect();
    assert_eq!(
        totals,
        [
            "total 23,587,712 in all  23,534,592 53,120",
            "total 61,531,773 in all  37,911,293 23,620,480"
        ]
    );
}

#[test]
fn pictures_are_in_the_page_and_a_missing_one_is_named() {
    let mut experiment = study();
    let images = spec(json!({"kind": "clip_images"}));
    let views = render(&images, &experiment);
    assert_eq!(views.len(), 2);
    assert_eq!(views[0].svg.matches("href=\"data:image/png;base64,").count(), 10);
    assert!(
        views[1]
            .description
            .contains("no1, of class no fight: its 10 difference images")
    );
    experiment.media.remove("hockey-fi1-3.png");
    let view = render(&images, &experiment).remove(0);
    assert_eq!(view.svg.matches("<image").count(), 9);
    assert!(
        view.description.contains("1 of them are not in media/"),
        "{}",
        view.description
    );
}

#[test]
fn the_surest_mistake_comes_first() {
    let view = only("wrong_clips");
    let highest = |row: &Vec<String>| -> f64 {
        let scores = row[3].split(", ").map(|score| score.parse::<f64>().unwrap());
        scores.fold(0.0, f64::max)
    };
    let surest: Vec<f64> = view.table.rows.iter().map(highest).collect();
    assert!(!surest.is_empty() && surest.len() <= 24);
    assert!(surest.is_sorted_by(|a, b| a >= b), "{surest:?}");
    assert!(surest[0] > 0.5);
}

#[test]
fn figures_of_one_task_pass_over_the_cells_of_the_other() {
    let prices = sample::experiment(&sample::study(&[1], 30), ReportSpec::default());
    let mixed = sample::joined(prices, study());
    let titles = |settings| -> Vec<String> {
        let views = render(&spec(settings), &mixed);
        views.into_iter().map(|view| view.title).collect()
    };
    assert_eq!(
        titles(json!({"kind": "forecast"})),
        ["Forecasts, litecoin", "Forecasts, monero"]
    );
    assert_eq!(titles(json!({"kind": "roc_curve"})), ["ROC curve, hockey"]);
    let curves = |metric: &str| titles(json!({"kind": "learning_curves", "each": ["dataset"], "metrics": [metric]}));
    assert_eq!(curves("accuracy"), ["Learning curves, hockey"]);
    assert_eq!(curves("mse"), ["Learning curves, litecoin", "Learning curves, monero"]);
    assert_eq!(curves("loss").len(), 3);
    // Clips read no horizon, so they have no figure for one.
    let by_horizon = titles(json!({"kind": "learning_curves", "each": ["window.horizon"]}));
    assert_eq!(by_horizon, ["Learning curves, window.horizon = 1"]);
}
