//! `classification_report`: precision, recall, F1 and support of each class with their averages, as scikit-learn prints
//! them: the mean over seeds, printed values beside ours.

use std::collections::BTreeMap;

use serde_json::Value;

use super::classified;
use super::lines::{self, Line};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::data::Noun;
use crate::language::configuration::value_at;
use crate::language::report::OF_CLASSES;
use crate::metric::classification::{ClassScores, Confusion};
use crate::metric::{self, name};
use crate::report::DataTable;
use crate::report::round;
use crate::report::select;
use crate::statistics::Summary;

pub(super) const KIND: Kind = Kind {
    title: "Classification report",
    of_one_dataset: true,
    draw,
};

/// Rates of a row, in the order of their columns; `support` follows.
const RATES: [&str; 3] = [name::PRECISION, name::RECALL, name::F1];

/// One row of one seed: each rate where the row has one, and the support.
type Scores = ([Option<f64>; 3], u64);

/// What a printed row holds.
type Printed = BTreeMap<String, String>;

/// One view: a table.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = classified::lines(scene);
    let printed = printed(scene);
    if lines.is_empty() && printed.is_empty() {
        return Err(classified::NOTHING.to_owned());
    }
    let records: Vec<_> = lines.iter().flat_map(|line| line.records.iter().copied()).collect();
    let item = records.first().map_or_else(Noun::default, |record| record.noun()).one;
    let mut ours = format!(
        "Precision: of the {item}s predicted as a class, the share that is of it; recall: of the {item}s of a class, the share \
         predicted as it; F1: their harmonic mean; support: {item}s of the class in the test set. The macro average weighs \
         both classes alike, the weighted one by support.",
    );
    if lines.iter().any(|line| line.records.len() > 1) {
        ours.push_str(&format!(
            " Mean over {} ± half of its 95 % interval, {}.",
            lines::seeds(&lines),
            classified::on_what(&records)
        ));
    } else if !lines.is_empty() {
        ours.push_str(&format!(" One run for each model, {}.", classified::on_what(&records)));
    }
    if !printed.is_empty() {
        ours.push_str(" Printed values stand as they were printed.");
    }
    Ok(vec![Figure {
        title: scene.title(),
        text: ours,
        drawing: None,
        table: table(&lines, &printed),
    }])
}

/// The printed rows that do not contradict what the figure shows.
fn printed<'a>(scene: &'a Scene) -> Vec<&'a Printed> {
    let Some(file) = &scene.spec.reference else {
        return Vec::new();
    };
    let wanted: Vec<(&str, &Value)> = scene.each.iter().map(|(path, value)| (path.as_str(), value)).collect();
    let rows = scene.experiment.card.reference.get(file).into_iter().flatten();
    rows.filter(|row| {
        let filter = crate::report::select::flatten_filter(&scene.spec.filter);
        let of_filter = filter.iter().map(|(path, value)| (path.as_str(), value));
        wanted.iter().copied().chain(of_filter).all(|(path, value)| {
            row.get(path)
                .is_none_or(|text| value.is_null() || select::is_written(value, text))
        })
    })
    .collect()
}

/// Whether a printed row is about the cells of a line.
fn is_about(printed: &Printed, line: &Line) -> bool {
    let configuration = &line.records[0].configuration;
    printed
        .iter()
        .filter(|(column, _)| !OF_CLASSES.contains(&column.as_str()))
        .all(|(path, text)| value_at(configuration, path).is_some_and(|value| select::is_written(value, text)))
}

/// The rows of one confusion matrix, each with its name.
fn rows_of(confusion: &Confusion, classes: [&str; 2]) -> Vec<(String, Scores)> {
    let of = |scores: ClassScores| ([scores.precision, scores.recall, scores.f1].map(Some), scores.support);
    vec![
        (classes[0].to_owned(), of(confusion.class(0))),
        (classes[1].to_owned(), of(confusion.class(1))),
        // As scikit-learn prints it: below F1.
        (
            name::ACCURACY.to_owned(),
            ([None, None, confusion.accuracy()], confusion.total()),
        ),
        ("macro average".to_owned(), of(confusion.macro_average())),
        ("weighted average".to_owned(), of(confusion.weighted_average())),
    ]
}

fn table(lines: &[Line], printed: &[&Printed]) -> DataTable {
    let with_printed = !printed.is_empty();
    let mut columns = vec!["model".to_owned(), "class".to_owned()];
    for word in RATES.into_iter().chain(["support"]) {
        columns.push(match word {
            name::F1 => metric::label(word).to_owned(),
            _ => word.to_owned(),
        });
        if with_printed {
            columns.push("printed".to_owned());
        }
    }
    let text = |row: Option<&&Printed>, name: &str| row.and_then(|row| row.get(name)).cloned().unwrap_or_default();
    let mut used = vec![false; printed.len()];
    let mut rows = Vec::new();
    for line in lines {
        let classes = classified::classes(line.records[0]);
        let seeds: Vec<Vec<(String, Scores)>> =
            classified::confusions(line).iter().map(|one| rows_of(one, classes)).collect();
        for place in 0..seeds.first().map_or(0, Vec::len) {
            let name = &seeds[0][place].0;
            let found = printed
                .iter()
                .position(|row| row.get("row") == Some(name) && is_about(row, line));
            if let Some(found) = found {
                used[found] = true;
            }
            let found = found.map(|index| &printed[index]);
            let mut row = vec![line.name.clone(), name.clone()];
            for (rate, column) in RATES.into_iter().enumerate() {
                let values: Vec<f64> = seeds.iter().filter_map(|seed| seed[place].1.0[rate]).collect();
                let mean = Summary::of(&values).map(|summary| round::mean(column, &summary));
                row.push(mean.unwrap_or_default());
                if with_printed {
                    row.push(text(found, column));
                }
            }
            row.push(round::count(usize::try_from(seeds[0][place].1.1).unwrap_or(usize::MAX)));
            if with_printed {
                row.push(text(found, "support"));
            }
            rows.push(row);
        }
    }
    // What was printed of something that we have no record of.
    for (row, _) in printed.iter().zip(&used).filter(|(_, used)| !**used) {
        let mut shown = vec![text(Some(row), "model"), text(Some(row), "row")];
        for name in RATES.into_iter().chain(["support"]) {
            shown.push(String::new());
            shown.push(text(Some(row), name));
        }
        rows.push(shown);
    }
    DataTable { columns, rows }
}
