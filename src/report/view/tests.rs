//! What a page says of made-up experiments.

use serde_json::{Value, json};

use super::*;
use crate::report::sample;

/// Every cell twice: with a value at a dotted path and with another one.
fn varied(results: &ExperimentResults, path: &str, values: [Value; 2]) -> ExperimentResults {
    let mut varied = results.clone();
    varied.card.cells.clear();
    varied.records.clear();
    for (id, cell) in &results.card.cells {
        for (place, value) in values.iter().enumerate() {
            let id = format!("{id},{path}={place}");
            let mut cell = cell.clone();
            let reads = set(&mut cell.configuration, path, value);
            if !reads && place > 0 {
                continue; // as a baseline, which does not read an axis of training
            }
            if let Some(stored) = results.record(&cell_id(results, &id)) {
                let mut stored = stored.clone();
                stored.id = id.clone();
                stored.record.configuration = cell.configuration.clone();
                varied.records.push(stored);
            }
            varied.card.cells.insert(id, cell);
        }
    }
    varied.records.sort_by(|a, b| a.id.cmp(&b.id));
    varied
}

/// The id that a varied one was made from.
fn cell_id(results: &ExperimentResults, id: &str) -> String {
    let known = results.card.cells.keys();
    let longest = known
        .filter(|known| id.starts_with(known.as_str()))
        .max_by_key(|known| known.len());
    longest.cloned().unwrap_or_default()
}

/// Sets what a user's dotted path names; whether the cell reads it.
fn set(cell: &mut Value, path: &str, value: &Value) -> bool {
    let mut parts: Vec<&str> = path.split('.').collect();
    if matches!(parts[0], "dataset" | "model") {
        if cell[parts[0]]["name"] != parts[1] {
            return false;
        }
        parts.remove(1);
    }
    let last = parts.pop().unwrap_or_default();
    let place = parts.iter().try_fold(cell, |place, part| place.get_mut(*part));
    match place {
        Some(place) => {
            place[last] = value.clone();
            true
        }
        None => false,
    }
}

#[test]
fn every_axis_that_varies_is_named_and_no_two_titles_are_the_same() {
    let series = sample::experiment(&sample::study(&[1, 3], 40), ReportSpec::default());
    let clips = sample::clips::experiment(&sample::clips::study(), ReportSpec::default());
    for (results, path, values) in [
        (&series, "window.lookback", [json!(10), json!(20)]),
        (&series, "window.scale", [json!("none"), json!("min-max")]),
        (&series, "split.origins", [json!(40), json!(50)]),
        (&series, "train.batch_size", [json!(8), json!(16)]),
        (&series, "train.optimizer", [json!("adam"), json!({"kind": "sgd"})]),
        (&series, "model.lstm.hidden", [json!([4]), json!([4, 4])]),
        (&series, "dataset.monero.calendar", [json!("any"), json!("daily")]),
        (&series, "dataset.monero.from", [json!("2016-01-01"), json!("2017-01-01")]),
        (&clips, "split.seed", [json!(0), json!(1)]),
        (&clips, "train.learning_rate", [json!(0.1), json!(0.01)]),
    ] {
        let results = varied(results, path, values);
        let page = experiment("e1", &results);
        let named: Vec<&String> = page.tables.iter().flat_map(|table| &table.paths).collect();
        assert!(named.contains(&&heading(path)), "{path}: {named:?}");
        let mut titles: Vec<&str> = page.tables.iter().map(|one| &*one.title).collect();
        titles.extend(page.comparisons.iter().map(|one| &*one.title));
        let views = page.figures.iter().flat_map(|one| &one.views);
        let of_figures: Vec<&str> = views.clone().map(|view| &*view.title).collect();
        // What is a matter of one model is told by the names of lines; the rest by the titles of the curves.
        if !path.starts_with("model.") {
            let curves = of_figures.iter().filter(|title| title.starts_with("Training on"));
            let told = curves.filter(|title| title.contains(path)).count();
            assert!(told > 1, "{path}: {of_figures:?}");
        }
        titles.extend(of_figures);
        let count = titles.len();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), count, "{path}: titles repeat");
        let mut ids: Vec<&str> = views
            .flat_map(|view| view.svg.split(" id=\"").skip(1))
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{path}: ids repeat");
    }
}

#[test]
fn equal_declarations_have_titles_and_ids_of_their_own() {
    let figure = json!({"kind": "learning_curves", "title": "Curves", "metrics": ["loss"]});
    let other = json!({
        "kind": "learning_curves", "title": "Curves", "metrics": ["loss"], "where": {"dataset": "monero"}
    });
    let table = json!({"title": "Errors", "rows": ["model"], "columns": ["rmse"]});
    let report = json!({
        "figure": [figure, figure, other, {"kind": "forecast", "each": ["dataset"], "title": "Forecasts"}],
        "table": [table, table],
    });
    let report: ReportSpec = serde_json::from_value(report).unwrap();
    let results = sample::experiment(&sample::study(&[1], 40), report);
    let page = experiment("e1", &results);
    let views = page.figures.iter().flat_map(|one| &one.views);
    let titles: Vec<&str> = views.map(|view| &*view.title).collect();
    assert_eq!(
        titles,
        [
            "Curves",
            "Curves (2)",
            "Curves, monero",
            "Forecasts, litecoin",
            "Forecasts, monero"
        ]
    );
    let titles: Vec<&str> = page.tables.iter().map(|one| &*one.title).collect();
    assert_eq!(titles, ["Errors", "Errors (2)"]);
}
