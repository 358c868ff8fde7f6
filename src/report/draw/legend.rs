//! What the looks of series mean: samples with names, in as many rows as they need.

use super::palette::{Fill, Style};
use super::svg::{self, Anchor, FONT, WIDTH, text_width};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// What is shown before the name.
    pub sample: Sample,
    /// The name.
    pub name: String,
}

/// How an entry shows what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    /// A piece of a line.
    Line(Style),
    /// A piece of a line with its marker.
    LineAndMarker(Style),
    /// A marker.
    Marker(Style),
    /// A piece of a band.
    Band(Style),
}

const SAMPLE_WIDTH: f64 = 28.0;
const ROW: f64 = 19.0;

/// The entries from `top` on, and where they end.
pub(crate) fn draw(entries: &[Entry], top: f64) -> (String, f64) {
    let mut body = String::new();
    let (mut x, mut row) = (2.0, 0.0);
    for entry in entries {
        let name = shortened(&entry.name, WIDTH - SAMPLE_WIDTH - 8.0);
        let width = SAMPLE_WIDTH + 6.0 + text_width(&name, FONT);
        if x > 2.0 && x + width > WIDTH {
            x = 2.0;
            row += 1.0;
        }
        let y = top + row * ROW + 10.0;
        body.push_str(&format!("<g {}>", entry.sample.style().series()));
        if name != entry.name {
            body.push_str(&svg::hover(&entry.name));
        }
        body.push_str(&entry.sample.draw(x, y));
        body.push_str(&svg::normal(x + SAMPLE_WIDTH + 6.0, y + FONT * 0.35, Anchor::Start, &name));
        body.push_str("</g>\n");
        x += width + 14.0;
    }
    let height = if entries.is_empty() { top } else { top + (row + 1.0) * ROW };
    (body, height)
}

/// The name, cut where it is wider than the drawing.
fn shortened(name: &str, width: f64) -> String {
    if text_width(name, FONT) <= width {
        return name.to_owned();
    }
    let mut short = String::new();
    for letter in name.chars() {
        if text_width(&short, FONT) > width - 2.0 * FONT {
            break;
        }
        short.push(letter);
    }
    short + "…"
}

impl Sample {
    /// The looks of the series that it stands for.
    pub(crate) fn style(self) -> Style {
        match self {
            Self::Line(style) | Self::LineAndMarker(style) | Self::Marker(style) | Self::Band(style) => style,
        }
    }

    fn draw(self, x: f64, y: f64) -> String {
        let middle = (x + SAMPLE_WIDTH / 2.0, y);
        let line = |style: Style| svg::line((x, y), (x + SAMPLE_WIDTH, y), &style.stroke());
        let marker = |style: Style| {
            let shape = style.marker(middle, 4.0, "");
            format!("<g {}>{shape}</g>", style.paint(Fill::Solid))
        };
        match self {
            Self::Line(style) => line(style),
            Self::Marker(style) => marker(style),
            Self::LineAndMarker(style) => line(style) + &marker(style),
            Self::Band(style) => {
                let paint = format!("fill=\"{}\" fill-opacity=\"0.3\"", style.color());
                svg::rectangle((x, y - 5.0), SAMPLE_WIDTH, 10.0, &paint, "")
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
        let (_, one) = draw(&[entry("lstm"), entry("hybrid")], 0.0);
        let long = "a model with a long name";
        let (_, more) = draw(&[entry(long), entry(long), entry(long)], 0.0);
        assert!(one < more);
        assert_eq!(draw(&[], 0.0).1, 0.0);
        let endless = draw(&[entry(&"long ".repeat(60))], 0.0).0;
        assert!(endless.contains('…'));
        // Cut in the drawing, whole for those who point at it.
        assert_eq!(endless.matches(&"long ".repeat(20)).count(), 3);
        assert!(endless.contains(&format!("<title>{}</title>", "long ".repeat(60))));
    }
}
