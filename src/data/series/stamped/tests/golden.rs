//! What pandas makes of the same files: `tests/golden/series.py`.

use serde_json::{Value, json};

use super::*;

/// The settings of a case with those that all share.
fn settings(case: &Value) -> SeriesSpec {
    let mut settings = json!({ "file": "s.csv", "time": "date", "features": ["a", "b"], "target": "b" });
    let all = settings.as_object_mut().unwrap();
    all.extend(case["settings"].as_object().unwrap().clone());
    serde_json::from_value(settings).unwrap()
}

#[test]
fn golden_pandas_reads_the_same() {
    let path = crate::nn::golden::committed_folder().join("pandas_series.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 13);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let text = case["file"].as_str().unwrap();
        let series =
            read_with(&settings(case), text.as_bytes(), Transform::None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let times: Vec<i64> = serde_json::from_value(case["microseconds"].clone()).unwrap();
        assert_eq!(series.times.counts(), times, "{name}");
        for column in &series.columns {
            let values: Vec<f64> = serde_json::from_value(case["columns"][&column.name].clone()).unwrap();
            assert_eq!(column.values.len(), values.len(), "{name}");
            for (own, expected) in column.values.iter().zip(values) {
                assert!(
                    (own - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                    "{name}: {own} {expected}"
                );
            }
        }
    }
}
