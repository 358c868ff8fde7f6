//! The `steps` of a dataset of clips → sentences, and the shape after each.

use serde_json::Value;

use super::{Stage, stage};
use crate::console::counted;
use crate::report::round;
use crate::report::select::show;

/// One stage for each step. Shapes are counted along the steps and shown only where the last is `known`, the shape that
/// the data really have, so that the diagram never tells another story than the program.
pub(super) fn stages(steps: &[Value], known: Option<[usize; 4]>) -> Vec<Stage> {
    let mut counted: [Option<usize>; 4] = [None, None, None, Some(3)];
    let mut shapes = Vec::new();
    let mut stages: Vec<Stage> = steps
        .iter()
        .map(|step| {
            let (name, settings) = parts(step);
            follow(&mut counted, name, settings);
            shapes.push(counted);
            stage("Steps", name.replace('_', " "), sentence(name, settings), "")
        })
        .collect();
    if let Some(known) = known {
        // Where a step leaves a size alone that no step has set, it is that of the data.
        let filled = |counted: [Option<usize>; 4]| {
            let mut sizes = known;
            for (size, counted) in sizes.iter_mut().zip(counted) {
                *size = counted.unwrap_or(*size);
            }
            sizes
        };
        if shapes.last().is_some_and(|last| filled(*last) == known) {
            for (stage, counted) in stages.iter_mut().zip(&shapes) {
                if counted.iter().all(Option::is_some) {
                    stage.shape = shape(&filled(*counted));
                }
            }
        }
        if let Some(last) = stages.last_mut() {
            last.shape = shape(&known);
        }
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

/// What a step does to [time, height, width, channel].
fn follow(sizes: &mut [Option<usize>; 4], name: &str, settings: &Value) {
    let number = settings.as_u64().and_then(|number| usize::try_from(number).ok());
    match name {
        "frames" | "pad_front" => sizes[0] = number,
        "resize" => {
            sizes[1] = number;
            sizes[2] = number;
        }
        "every" => sizes[0] = sizes[0].map(|time| time.div_ceil(number.unwrap_or(1).max(1))),
        "pair_difference" => sizes[0] = sizes[0].map(|time| time / 2),
        "neighbour_difference" => sizes[0] = sizes[0].map(|time| time.saturating_sub(1)),
        _ => {}
    }
}

fn sentence(name: &str, settings: &Value) -> String {
    let of = |key: &str| show(&settings[key]);
    let several = |key: &str, word: &str| {
        let number = settings[key].as_u64().and_then(|number| usize::try_from(number).ok());
        number.map_or_else(|| format!("{} {word}s", of(key)), |number| counted(number, word))
    };
    match name {
        "frames" if settings == 1 => "the first frame of the clip".to_owned(),
        "frames" => format!("the first {} frames of the clip", show(settings)),
        "resize" => format!("each frame to {0} × {0} pixels, bilinear", show(settings)),
        "pair_difference" => "the absolute difference of frames 0 and 1, 2 and 3, and so on".to_owned(),
        "neighbour_difference" => "each picture minus the one after it".to_owned(),
        "normalise" => match settings.as_str() {
            Some("imagenet") => {
                "to 0 … 1, then the mean of each channel over ImageNet is subtracted and divided by its deviation".to_owned()
            }
            Some("caffe") => {
                "ImageNet's mean of blue, green and red is subtracted, as Keras's ResNet50 was trained".to_owned()
            }
            Some("unit") => "to 0 … 1".to_owned(),
            _ => show(settings),
        },
        "every" if settings == 2 => "every second picture".to_owned(),
        "every" => format!("one picture in {}", show(settings)),
        "rgb" => "red before blue".to_owned(),
        "pad_front" => format!("pictures of zeros in front, up to {}", show(settings)),
        "crop_border" => format!(
            "{} on either side and {} above and below cut off, then resized back",
            several("x", "column"),
            several("y", "row")
        ),
        "augment" => {
            let mut parts = vec![format!(
                "training only: with probability {} a corner or the centre of {} of the side, resized back",
                of("probability"),
                of("crop")
            )];
            match settings["transpose"].as_str() {
                Some("always") => parts
                    .push("rows and columns always swapped, so that only training pictures lie on their side".to_owned()),
                Some("never") | None => {}
                Some(other) => parts.push(format!("rows and columns swapped: {other}")),
            }
            if !settings["variants"].is_null() {
                parts.push(format!("{} of each clip", several("variants", "variant")));
            }
            parts.join("; ")
        }
        _ if settings.is_null() => String::new(),
        _ => show(settings),
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
}
