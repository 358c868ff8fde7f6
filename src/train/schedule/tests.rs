//! Learning rates against PyTorch's (`tests/golden/training.py`).

use serde_json::Value;

use super::*;
use crate::kind::Kinds;
use crate::nn::golden::golden_folder;

/// Every rate of a training, batch by batch.
fn rates(schedule: &Value, learning_rate: f64, [epochs, batches]: [usize; 2]) -> Vec<f64> {
    let kind = schedule["kind"].as_str().unwrap();
    let mut settings = schedule.clone();
    settings.as_object_mut().unwrap().remove("kind");
    let schedule = Schedule::of_kind(kind, settings).unwrap();
    let moments = (0..epochs).flat_map(|epoch| (0..batches).map(move |batch| (epoch, batch)));
    let moments = moments.map(|(epoch, batch)| Moment {
        epoch,
        batch,
        epochs,
        batches,
    });
    moments.map(|at| schedule.rate_at(learning_rate, at)).collect()
}

fn assert_close(found: &[f64], expected: &Value, what: &Value) {
    let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let far = (found - expected).abs();
        assert!(far <= 1e-9 * expected, "{what} at {at}: {found}, PyTorch {expected}");
    }
}

#[test]
fn rates_are_those_of_pytorch() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/golden_training.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let number = |name: &str| all[name].as_u64().unwrap() as usize;
    let size = [number("epochs"), number("batches")];
    let mut kinds = Vec::new();
    for case in all["cases"].as_array().unwrap() {
        let found = rates(&case["schedule"], all["learning_rate"].as_f64().unwrap(), size);
        assert_close(&found, &case["rates"], &case["schedule"]);
        kinds.push(case["schedule"]["kind"].as_str().unwrap());
    }
    for kind in Schedule::kinds() {
        assert!(kinds.contains(&kind), "{kind} is compared with nothing");
    }
}

#[test]
fn golden_torch_schedules() {
    let text = std::fs::read_to_string(golden_folder().join("golden_layers.json")).unwrap();
    let theirs = &serde_json::from_str::<Value>(&text).unwrap()["schedules"];
    for (name, schedule) in [
        ("halve_after_2", serde_json::json!({ "kind": "halving", "after": 2 })),
        ("exponential_0.9", serde_json::json!({ "kind": "exponential", "factor": 0.9 })),
        ("cosine", serde_json::json!({ "kind": "cosine" })),
        ("one_cycle", serde_json::json!({ "kind": "one_cycle" })),
        ("warm_up_3_cosine", serde_json::json!({ "kind": "cosine", "warm_up": 3 })),
    ] {
        let found = rates(&schedule, theirs["base"].as_f64().unwrap(), [10, 1]);
        assert_close(&found, &theirs[name], &schedule);
    }
}

#[test]
fn a_cycle_of_a_batch_or_two_has_rates_too() {
    let one_cycle = serde_json::json!({ "kind": "one_cycle" });
    for length in 1..5 {
        let found = rates(&one_cycle, 0.1, [1, length]);
        assert!(found.iter().all(|rate| *rate > 0.0 && *rate <= 0.1), "{found:?}");
        assert!((found[length - 1] - 0.1 / 25.0 / 1e4).abs() < 1e-12, "{found:?}");
    }
}
