//! What the looks of series mean: samples with names, in as many rows as they need.

use super::palette::{Fill, Style};
use super::svg::{self, Anchor, FONT, WIDTH, text_width};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What is shown before the name.
    pub sample: Sample,
    /// The name.
    pub name: String,
}

/// How an entry shows what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A piece of a line.
    Line(Style),
    /// A piece of a line with its marker.
    LineAndMarker(Style),
    /// A marker.
    Marker(Style),
    /// A shaded patch.
    Shade,
}

const SAMPLE_WIDTH: f64 = 28.0;
const ROW: f64 = 19.0;

/// The entries from the top of the drawing, and the height they take: 0 where there are none.
pub fn draw(entries: &[Entry]) -> (String, f64) {
    let mut body = String::new();
    let (mut x, mut row) = (2.0, 0.0);
    for entry in entries {
        let width = SAMPLE_WIDTH + 6.0 + text_width(&entry.name, FONT);
        if x > 2.0 && x + width > WIDTH {
            x = 2.0;
            row += 1.0;
        }
        let y = row * ROW + 10.0;
        body.push_str(&entry.sample.draw(x, y));
        body.push_str(&svg::text(
            x + SAMPLE_WIDTH + 6.0,
            y + FONT * 0.35,
            Anchor::Start,
            FONT,
            "",
            &entry.name,
        ));
        x += width + 14.0;
    }
    let height = if entries.is_empty() {
        0.0
    } else {
        (row + 1.0) * ROW
    };
    (body, height)
}

impl Sample {
    fn draw(self, x: f64, y: f64) -> String {
        let middle = (x + SAMPLE_WIDTH / 2.0, y);
        let line = |style: Style| svg::line((x, y), (x + SAMPLE_WIDTH, y), &style.stroke());
        match self {
            Self::Line(style) => line(style),
            Self::Marker(style) => style.marker(middle, 4.0, Fill::Solid, ""),
            Self::LineAndMarker(style) => line(style) + &style.marker(middle, 4.0, Fill::Solid, ""),
            Self::Shade => {
                let paint = "fill=\"currentColor\" fill-opacity=\"0.14\"";
                svg::rectangle((x, y - 6.0), SAMPLE_WIDTH, 12.0, paint, "")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legend_wraps() {
        let entry = |name: &str| Entry {
            sample: Sample::Line(Style::Series(0)),
            name: name.to_owned(),
        };
        let (_, one) = draw(&[entry("lstm"), entry("hybrid")]);
        let long = "a model with a long name";
        let (_, more) = draw(&[entry(long), entry(long), entry(long)]);
        assert!(one < more);
        assert_eq!(draw(&[]).1, 0.0);
    }
}
