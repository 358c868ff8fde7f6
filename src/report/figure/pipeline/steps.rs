//! The `steps` of a dataset of clips → stages, each with the shape after it.

use serde::Deserialize;
use serde_json::Value;

use super::{Stage, stage};
use crate::data::clips::{self, Step};
use crate::report::round;
use crate::report::select::show;

/// One stage for each step, in the step's own words. Shapes are shown only where the last is `known`, the shape that the
/// data really have, so that the diagram never tells another story than the program; a step that this version does not
/// know is shown as it is written.
pub(super) fn stages(steps: &[Value], known: Option<[usize; 4]>) -> Vec<Stage> {
    let read: Vec<Option<Step>> = steps.iter().map(|step| Step::deserialize(step).ok()).collect();
    let mut stages: Vec<Stage> = steps
        .iter()
        .zip(&read)
        .map(|(written, step)| {
            let (name, settings) = parts(written);
            let sentence = match step {
                Some(step) => step.sentence(),
                None if settings.is_null() => String::new(),
                None => show(settings),
            };
            stage("Steps", name.replace('_', " "), sentence, "")
        })
        .collect();
    let Some(known) = known else { return stages };
    let all: Option<Vec<Step>> = read.into_iter().collect();
    if let Some(all) = all.filter(|all| clips::output_shape(all) == known) {
        for (index, stage) in stages.iter_mut().enumerate() {
            let after = clips::output_shape(&all[..=index]);
            // No image has a size before a step sets it.
            if !after.contains(&0) {
                stage.shape = shape(&after);
            }
        }
    }
    if let Some(last) = stages.last_mut() {
        last.shape = shape(&known);
    }
    stages
}

/// `10 × 256 × 256 × 3`
pub(super) fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(|&size| round::count(size)).collect();
    sizes.join(" × ")
}

/// `"pair_difference"` is a step without settings, `{ frames = 20 }` one with them.
fn parts(step: &Value) -> (&str, &Value) {
    match step {
        Value::String(name) => (name, &Value::Null),
        Value::Object(table) => match table.iter().next() {
            Some((name, settings)) => (name, settings),
            None => ("nothing", &Value::Null),
        },
        _ => ("unknown", step),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shapes(known: [usize; 4]) -> Vec<String> {
        let steps = [
            json!({"frames": 20}),
            json!({"resize": 256}),
            json!("pair_difference"),
            json!({"normalise": "imagenet"}),
            json!("neighbour_difference"),
            json!({"pad_front": 10}),
        ];
        stages(&steps, Some(known)).into_iter().map(|stage| stage.shape).collect()
    }

    #[test]
    fn shapes_follow_the_steps() {
        assert_eq!(
            shapes([10, 256, 256, 3]),
            [
                "",
                "20 × 256 × 256 × 3",
                "10 × 256 × 256 × 3",
                "10 × 256 × 256 × 3",
                "9 × 256 × 256 × 3",
                "10 × 256 × 256 × 3"
            ]
        );
    }

    #[test]
    fn shapes_that_do_not_end_where_the_data_do_are_not_shown() {
        assert_eq!(shapes([12, 256, 256, 3]), ["", "", "", "", "", "12 × 256 × 256 × 3"]);
    }

    #[test]
    fn a_step_of_another_version_is_shown_as_it_is_written_and_no_shape_is_counted() {
        let steps = [json!({"frames": 20}), json!({"sharpen": {"by": 2}})];
        let stages = stages(&steps, Some([20, 256, 256, 3]));
        assert_eq!(
            (stages[1].name.as_str(), stages[1].detail.as_str()),
            ("sharpen", "{ by = 2 }")
        );
        assert_eq!([&stages[0].shape, &stages[1].shape], ["", "20 × 256 × 256 × 3"]);
    }
}
