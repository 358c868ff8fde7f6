//! What tells one series from another: colour, and for readers without colour a dash pattern and a marker.

use super::svg::{SURFACE, coordinate, hover};

/// The looks of one series: the same number, the same looks in every figure of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Colour, dash pattern and marker of the series of this number.
    Series(usize),
    /// The colour of one series with the dash pattern and the marker of another: variants of one model.
    Variant {
        /// The series whose colour it has.
        color: usize,
        /// The series whose dash pattern and marker it has.
        cue: usize,
    },
    /// What was observed: solid, in the colour of text.
    Truth,
    /// What everything is compared with: thin, dotted, in the colour of axes.
    Reference,
}

/// Colours on white where the page defines none, chosen to differ for all common kinds of colour blindness
/// (after Okabe and Ito, darkened to a contrast of at least 3 to 1).
const COLORS: [&str; 8] = [
    "#0072b2", "#d55e00", "#00835f", "#b5588f", "#94690a", "#2f8fc4", "#5b4bb3", "#5f6b76",
];

const DASHES: [&str; 8] = ["", "7 3", "2 2.5", "9 3 2 3", "12 3", "4 2 1 2 1 2", "5 5", "1 3"];

impl Style {
    /// The colour of lines and points.
    pub(crate) fn color(self) -> String {
        match self {
            Self::Series(number) | Self::Variant { color: number, .. } => {
                let slot = number % COLORS.len();
                format!("var(--series-{},{})", slot + 1, COLORS[slot])
            }
            Self::Truth => "currentColor".to_owned(),
            Self::Reference => "var(--axis,#6b7580)".to_owned(),
        }
    }

    fn cue(self) -> usize {
        match self {
            // One further after each round of colours: the ninth series has the first's colour but another pattern.
            Self::Series(number) | Self::Variant { cue: number, .. } => number + number / COLORS.len(),
            Self::Truth | Self::Reference => 0,
        }
    }

    /// Attributes of a line.
    pub(crate) fn stroke(self) -> String {
        let (width, dash) = match self {
            Self::Truth => ("1.6", ""),
            Self::Reference => ("1", "1.5 2"),
            Self::Series(_) | Self::Variant { .. } => ("1.9", DASHES[self.cue() % DASHES.len()]),
        };
        let dash = if dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dash}\"")
        };
        format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{dash}",
            self.color()
        )
    }

    /// What all elements of this look are found by, as an attribute.
    pub(crate) fn series(self) -> String {
        match self {
            Self::Series(number) => format!("data-s=\"{number}\""),
            Self::Variant { color, cue } => format!("data-s=\"{color}-{cue}\""),
            Self::Truth => "data-s=\"truth\"".to_owned(),
            Self::Reference => "data-s=\"reference\"".to_owned(),
        }
    }

    /// Attributes of markers, or of the group that holds them.
    pub(crate) fn paint(self, fill: Fill) -> String {
        let color = self.color();
        match fill {
            Fill::Solid => format!("fill=\"{color}\" stroke=\"{SURFACE}\" stroke-width=\"0.8\""),
            Fill::Faint => format!("fill=\"{color}\" fill-opacity=\"0.45\""),
        }
    }

    /// A marker around a point in the paint of its group; `size` is about half its width.
    pub(crate) fn marker(self, (x, y): (f64, f64), size: f64, title: &str) -> String {
        let polygon = |corners: &[(f64, f64)]| {
            let points: Vec<String> = corners
                .iter()
                .map(|(dx, dy)| format!("{},{}", coordinate(x + dx * size), coordinate(y + dy * size)))
                .collect();
            format!("<polygon points=\"{}\">", points.join(" "))
        };
        let (element, end) = match (self, self.cue() % 5) {
            (Self::Truth | Self::Reference, _) | (_, 0) => {
                let (x, y) = (coordinate(x), coordinate(y));
                (
                    format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\">", coordinate(size)),
                    "</circle>",
                )
            }
            (_, 1) => {
                let corners = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)];
                (polygon(&corners), "</polygon>")
            }
            (_, 2) => (polygon(&[(0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)]), "</polygon>"),
            (_, 3) => {
                let corners = [(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)];
                (polygon(&corners), "</polygon>")
            }
            _ => (polygon(&[(-1.1, -0.9), (1.1, -0.9), (0.0, 1.2)]), "</polygon>"),
        };
        format!("{element}{}{end}\n", hover(title))
    }
}

/// How a marker is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Opaque.
    Solid,
    /// Half transparent: one of many.
    Faint,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_series_differ_in_colour_and_in_dash() {
        for (number, dash) in DASHES.iter().enumerate().skip(1) {
            assert_ne!(Style::Series(0).color(), Style::Series(number).color());
            assert_ne!(DASHES[0], *dash);
        }
        assert_eq!(Style::Series(8).color(), Style::Series(0).color());
        assert_ne!(Style::Series(8).stroke(), Style::Series(0).stroke());
        let variant = Style::Variant { color: 0, cue: 1 };
        assert_eq!(variant.color(), Style::Series(0).color());
        assert!(variant.stroke().contains(DASHES[1]));
    }
}
