//! Stages → boxes, one below the other.

use super::Stage;
use crate::report::draw::palette::Style;
use crate::report::draw::svg::{self, AXIS, Anchor, Drawing, FONT, GRID, SMALL, WIDTH, wrap};

/// Width of the column of shapes.
const SHAPES: f64 = 138.0;

/// The boxes with the shapes at their right, and the height that they take.
pub(super) fn draw(stages: &[Stage]) -> Drawing {
    let has_shapes = stages.iter().any(|stage| !stage.shape.is_empty());
    let width = if has_shapes { WIDTH - SHAPES } else { WIDTH - 2.0 };
    let (mut body, mut y, mut part) = (String::new(), 2.0, "");
    for (index, stage) in stages.iter().enumerate() {
        if stage.part != part {
            part = &*stage.part;
            y += FONT + if index == 0 { 0.0 } else { 10.0 };
            body.push_str(&svg::bold(2.0, y, Anchor::Start, part));
            y += 7.0;
        } else {
            // The way down from the box above.
            let paint = format!("stroke=\"{AXIS}\" stroke-width=\"1.2\"");
            let x = 18.0;
            body.push_str(&svg::line((x, y), (x, y + 8.0), &paint));
            let head = format!("fill=\"none\" stroke=\"{AXIS}\" stroke-width=\"1.2\"");
            let points = [Some((x - 3.0, y + 5.0)), Some((x, y + 8.5)), Some((x + 3.0, y + 5.0))];
            body.push_str(&format!("<path d=\"{}\" {head}/>\n", svg::path(&points)));
            y += 9.0;
        }
        let names = wrap(&stage.name, width - 20.0, FONT);
        let details = wrap(&stage.detail, width - 20.0, SMALL);
        let height = 8.0 + names.len() as f64 * 16.0 + details.len() as f64 * 15.0;
        let number = match &*stage.part {
            "Feature extractor" => 4,
            "Network" => 2,
            "Training" => 7,
            _ => 0,
        };
        let paint = format!(
            "rx=\"6\" fill=\"{}\" fill-opacity=\"0.12\" stroke=\"{GRID}\"",
            Style::Series(number).color()
        );
        body.push_str(&svg::rectangle((1.0, y), width, height, &paint, ""));
        let mut baseline = y + 4.0;
        for name in &names {
            baseline += 16.0;
            body.push_str(&svg::normal(11.0, baseline - 2.0, Anchor::Start, name));
        }
        for detail in &details {
            baseline += 15.0;
            body.push_str(&svg::text(
                11.0,
                baseline - 2.0,
                Anchor::Start,
                SMALL,
                "fill-opacity=\"0.8\"",
                detail,
            ));
        }
        if !stage.shape.is_empty() {
            let middle = y + height / 2.0 + SMALL * 0.35;
            body.push_str(&svg::small(WIDTH - 2.0, middle, Anchor::End, &stage.shape));
        }
        y += height;
    }
    (body, y + 4.0)
}
