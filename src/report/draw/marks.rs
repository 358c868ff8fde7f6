//! What a panel shows: shaded stretches, lines, bands, points, intervals, from values to elements.

use super::palette::{Fill, Style};
use super::scale::Scale;
use super::svg;

/// Something drawn by its values.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// A shaded stretch of the horizontal axis.
    Region {
        /// Where it begins.
        from: f64,
        /// Where it ends.
        to: f64,
        /// Stands above it.
        label: String,
    },
    /// A line through points (x, y).
    Line {
        /// In order of x.
        points: Vec<(f64, f64)>,
        /// Its looks.
        style: Style,
        /// Shown on hover.
        title: String,
    },
    /// A shaded band between two curves (x, low, high).
    Band {
        /// In order of x.
        points: Vec<(f64, f64, f64)>,
        /// Its looks.
        style: Style,
        /// Shown on hover.
        title: String,
        /// Whether a reader who points at a place is told its two ends there.
        is_told: bool,
    },
    /// Markers at points (x, y), each with what is shown on hover.
    Points {
        /// In any order.
        points: Vec<(f64, f64, String)>,
        /// Their looks.
        style: Style,
        /// How the markers are filled.
        fill: Fill,
        /// About half a marker's width.
        size: f64,
    },
    /// A vertical bar, with caps at those ends that lie inside the frame.
    Interval {
        /// Where.
        x: f64,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
        /// Its looks.
        style: Style,
        /// Shown on hover.
        title: String,
    },
}

/// The plot area of one panel in the drawing's units.
pub(crate) struct Area<'a> {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
    /// The horizontal axis.
    pub x: &'a Scale,
    /// The vertical axis.
    pub y: &'a Scale,
}

impl Area<'_> {
    /// Where a value lies along the horizontal axis.
    pub(crate) fn x(&self, value: f64) -> Option<f64> {
        Some(self.left + self.x.place(value)? * (self.right - self.left))
    }

    /// Where a value lies along the vertical axis.
    pub(crate) fn y(&self, value: f64) -> Option<f64> {
        Some(self.bottom - self.y.place(value)? * (self.bottom - self.top))
    }

    /// Like `y`, but the lower edge where the value cannot be drawn, and never outside.
    fn y_inside(&self, value: f64) -> f64 {
        self.y(value).unwrap_or(self.bottom).clamp(self.top, self.bottom)
    }

    fn point(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((self.x(x)?, self.y(y)?))
    }
}

impl Mark {
    /// The elements in a plot area.
    pub(crate) fn draw(&self, area: &Area) -> String {
        match self {
            Self::Region { from, to, .. } => {
                let edge = |value| area.x(value).map(|x| x.clamp(area.left, area.right));
                let (Some(from), Some(to)) = (edge(*from), edge(*to)) else {
                    return String::new();
                };
                // A single day of a long series is still seen.
                let width = (to - from).max(3.0);
                let corner = (from.min(area.right - width), area.top);
                let paint = "fill=\"currentColor\" fill-opacity=\"0.1\"";
                svg::rectangle(corner, width, area.bottom - area.top, paint, "")
            }
            Self::Line { points, style, title } => {
                let points: Vec<_> = points.iter().map(|&point| area.point(point)).collect();
                if let [Some(place)] = points[..] {
                    // A line of one point would not be seen.
                    let dot = style.marker(place, 3.0, title);
                    return format!("<g {} {}>{dot}</g>\n", style.series(), style.paint(Fill::Solid));
                }
                format!(
                    "<path {} d=\"{}\" {}>{}</path>\n",
                    style.series(),
                    svg::path(&points),
                    style.stroke(),
                    svg::hover(title)
                )
            }
            Self::Band {
                points,
                style,
                title,
                is_told,
            } => {
                let edge = |x: f64, y: f64| Some((area.x(x)?, area.y_inside(y)));
                let upper = points.iter().map(|&(x, _, high)| edge(x, high));
                let lower = points.iter().rev().map(|&(x, low, _)| edge(x, low));
                let outline: Vec<_> = upper.chain(lower).filter(Option::is_some).collect();
                format!(
                    "<path {}{} d=\"{}Z\" fill=\"{}\" fill-opacity=\"0.18\">{}</path>\n",
                    style.series(),
                    if *is_told { " data-band=\"\"" } else { "" },
                    svg::path(&outline),
                    style.color(),
                    svg::hover(title)
                )
            }
            Self::Points {
                points,
                style,
                fill,
                size,
            } => {
                let markers = points.iter().filter_map(|(x, y, title)| {
                    let place = area.point((*x, *y))?;
                    Some(style.marker(place, *size, title))
                });
                format!(
                    "<g {} {}>\n{}</g>\n",
                    style.series(),
                    style.paint(*fill),
                    markers.collect::<String>()
                )
            }
            Self::Interval {
                x,
                low,
                high,
                style,
                title,
            } => {
                let Some(x) = area.x(*x) else {
                    return String::new();
                };
                let ends = [*high, *low].map(|value| (area.y(value), area.y_inside(value)));
                let mut points = ends.map(|(_, y)| Some((x, y))).to_vec();
                for (wanted, y) in ends {
                    // An end beyond the frame has no cap.
                    if wanted == Some(y) {
                        points.extend([None, Some((x - 3.5, y)), Some((x + 3.5, y))]);
                    }
                }
                format!(
                    "<path {} data-bar=\"\" d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\">{}</path>\n",
                    style.series(),
                    svg::path(&points),
                    style.color(),
                    svg::hover(title)
                )
            }
        }
    }
}
