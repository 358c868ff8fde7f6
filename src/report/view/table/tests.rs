//! A small table as its reader sees it, and how its values are told.

use std::collections::BTreeMap;

use super::*;
use crate::language::report::ReportSpec;
use crate::report::audit::audit;
use crate::report::{sample, table};

#[test]
fn a_small_table_as_its_reader_sees_it() {
    let mut experiment = sample::experiment(&sample::study(&[3], 1), ReportSpec::default());
    experiment
        .records
        .retain(|stored| !stored.id.contains("hybrid") || !stored.id.contains("monero"));
    let printed = [("model", "lstm"), ("dataset", "litecoin"), ("rmse", "4.84"), ("mae", "13.92")];
    let printed = printed.map(|(name, text)| (name.to_owned(), text.to_owned()));
    experiment
        .card
        .reference
        .insert("p.csv".to_owned(), vec![BTreeMap::from(printed)]);
    let spec = TableSpec {
        title: "Horizon 3".to_owned(),
        filter: BTreeMap::new(),
        rows: ["model", "dataset"].map(str::to_owned).to_vec(),
        columns: ["rmse", "mae"].map(str::to_owned).to_vec(),
        reference: Some("p.csv".to_owned()),
        windows: Default::default(),
        description: String::new(),
    };
    let findings = audit(&experiment);
    let view = view("e1", &spec, &table::build(&spec, &experiment, &findings));
    let mut text = String::new();
    for row in &view.rows {
        let values: Vec<String> = row
            .values
            .iter()
            .map(|value| {
                format!(
                    "{}{} [{}{}{}{}]",
                    value.text,
                    value.spread,
                    value.printed,
                    if value.gap.is_empty() {
                        String::new()
                    } else {
                        format!(" {}", value.gap)
                    },
                    if value.impossible.is_empty() { "" } else { " ✕ " },
                    value.impossible
                )
            })
            .collect();
        let marks: Vec<&str> = row.marks.iter().map(|mark| &*mark.text).collect();
        text += &format!(
            "{} | {} | {} | {}\n",
            row.labels.join(" "),
            values.join(" | "),
            row.seeds,
            marks.join(", ")
        );
    }
    let marks: Vec<&str> = view.marks.iter().map(|mark| &*mark.text).collect();
    text += &format!("{}\n{}", marks.join(", "), view.notes.join("\n"));
    insta::assert_snapshot!(text);
}
