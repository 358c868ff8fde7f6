//! Panels above one another on one horizontal axis: axes, gridlines, shaded stretches, lines, bands, points, intervals.
//! Knows neither records nor models.

use super::legend::{self, Entry};
use super::palette::{Fill, Style};
use super::scale::{Scale, Tick};
use super::svg::{self, AXIS, Anchor, FONT, GRID, SMALL, WIDTH, text_width};

/// A drawing of one or more panels.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Shared by all panels.
    pub x: Axis,
    /// From top to bottom.
    pub panels: Vec<Panel>,
    /// What the looks mean; drawn above the panels.
    pub legend: Vec<Entry>,
}

/// An axis.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What it measures, with the unit.
    pub label: String,
    /// Where values lie.
    pub scale: Scale,
    /// Where it is labelled.
    pub ticks: Vec<Tick>,
}

/// One plot area with its vertical axis.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The vertical axis.
    pub y: Axis,
    /// Height of the plot area.
    pub height: f64,
    /// What is drawn, the hindmost first.
    pub marks: Vec<Mark>,
    /// Names at the right end of lines: height and looks of the line, name.
    pub ends: Vec<(f64, Style, String)>,
}

/// Something drawn by its values.
#[derive(Debug, Clone)]
pub enum Mark {
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
    /// A vertical bar with caps.
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

/// Height of a plot area unless there is a reason for another.
pub const PANEL: f64 = 190.0;

impl Axis {
    /// A vertical axis for these values: linear, or logarithmic where asked for and possible.
    pub fn of_values(label: String, values: impl Iterator<Item = f64> + Clone, log: bool) -> Self {
        let scale = match Scale::log(values.clone()) {
            Some(scale) if log => scale.rounded(),
            _ => Scale::linear(values).rounded(),
        };
        Self {
            label,
            scale,
            ticks: scale.ticks(),
        }
    }

    /// A horizontal axis over these days.
    pub fn of_days(label: &str, from: f64, to: f64) -> Self {
        let scale = Scale::linear([from, to]).padded(0.01);
        Self {
            label: label.to_owned(),
            scale,
            ticks: super::date::date_ticks(from, to),
        }
    }
}

/// The plot area of one panel in the drawing's units.
struct Area<'a> {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: &'a Scale,
    y: &'a Scale,
}

impl Area<'_> {
    fn x(&self, value: f64) -> Option<f64> {
        Some(self.left + self.x.place(value)? * (self.right - self.left))
    }

    fn y(&self, value: f64) -> Option<f64> {
        Some(self.bottom - self.y.place(value)? * (self.bottom - self.top))
    }

    /// Like `y`, but the lower edge where the value cannot be drawn, and never outside.
    fn y_inside(&self, value: f64) -> f64 {
        self.y(value)
            .unwrap_or(self.bottom)
            .clamp(self.top, self.bottom)
    }

    fn point(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((self.x(x)?, self.y(y)?))
    }
}

impl Chart {
    /// The drawing as SVG; `id` must be unique in the page.
    pub fn draw(&self, id: &str, title: &str, description: &str) -> String {
        let (left, right) = self.margins();
        let (mut body, mut y) = legend::draw(&self.legend);
        for (index, panel) in self.panels.iter().enumerate() {
            let last = index + 1 == self.panels.len();
            y += FONT + 4.0;
            body.push_str(&svg::text(
                2.0,
                y,
                Anchor::Start,
                FONT,
                "font-weight=\"600\"",
                &panel.y.label,
            ));
            y += 9.0;
            let (labels, rows) = region_labels(panel, &self.x.scale, (left, right), y);
            body.push_str(&labels);
            y += rows as f64 * (SMALL + 3.0);
            let area = Area {
                left,
                right,
                top: y,
                bottom: y + panel.height,
                x: &self.x.scale,
                y: &panel.y.scale,
            };
            body.push_str(&panel.draw(&area, &self.x.ticks));
            y = area.bottom;
            let (labels, height) = x_labels(&self.x.ticks, &area);
            body.push_str(&labels);
            y += height + 6.0;
            if last && !self.x.label.is_empty() {
                y += FONT + 1.0;
                let middle = (left + right) / 2.0;
                body.push_str(&svg::text(
                    middle,
                    y,
                    Anchor::Middle,
                    FONT,
                    "",
                    &self.x.label,
                ));
            }
            y += 8.0;
        }
        svg::document(id, title, description, y, &body)
    }

    /// Where the plot areas begin and end: room for tick labels at the left, for names at the right.
    fn margins(&self) -> (f64, f64) {
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts
                .map(|text| text_width(text, SMALL))
                .fold(0.0, f64::max)
        };
        let mut ticks = self
            .panels
            .iter()
            .flat_map(|panel| panel.y.ticks.iter().map(|tick| tick.label.as_str()));
        let mut names = self
            .panels
            .iter()
            .flat_map(|panel| panel.ends.iter().map(|(_, _, name)| name.as_str()));
        let left = widest(&mut ticks).max(24.0) + 9.0;
        let names = widest(&mut names);
        let right = WIDTH - if names > 0.0 { names + 10.0 } else { 14.0 };
        (left, right)
    }
}

impl Panel {
    /// An empty panel of the usual height.
    pub fn new(y: Axis) -> Self {
        Self {
            y,
            height: PANEL,
            marks: Vec::new(),
            ends: Vec::new(),
        }
    }

    fn draw(&self, area: &Area, x_ticks: &[Tick]) -> String {
        let mut body = String::new();
        let is_region = |mark: &&Mark| matches!(mark, Mark::Region { .. });
        for mark in self.marks.iter().filter(is_region) {
            body.push_str(&mark.draw(area));
        }
        let grid = format!("stroke=\"{GRID}\" stroke-width=\"0.8\"");
        for tick in &self.y.ticks {
            let Some(y) = area.y(tick.at) else { continue };
            body.push_str(&svg::line((area.left, y), (area.right, y), &grid));
            body.push_str(&svg::text(
                area.left - 6.0,
                y + SMALL * 0.35,
                Anchor::End,
                SMALL,
                "",
                &tick.label,
            ));
        }
        let axis = format!("stroke=\"{AXIS}\" stroke-width=\"1\"");
        body.push_str(&svg::line(
            (area.left, area.bottom),
            (area.right, area.bottom),
            &axis,
        ));
        for x in x_ticks.iter().filter_map(|tick| area.x(tick.at)) {
            body.push_str(&svg::line((x, area.bottom), (x, area.bottom + 4.0), &axis));
        }
        for mark in self.marks.iter().filter(|mark| !is_region(mark)) {
            body.push_str(&mark.draw(area));
        }
        body + &self.end_names(area)
    }

    /// Names beside the ends of their lines, pushed apart where they would overlap.
    fn end_names(&self, area: &Area) -> String {
        let mut wanted: Vec<(f64, Style, &str)> = self
            .ends
            .iter()
            .map(|(value, style, name)| (area.y_inside(*value), *style, name.as_str()))
            .collect();
        wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let heights: Vec<f64> = wanted.iter().map(|(y, ..)| *y).collect();
        let heights = pushed_apart(&heights, SMALL + 2.0, area.top + 4.0, area.bottom);
        wanted
            .iter()
            .zip(heights)
            .map(|((_, style, name), y)| {
                let color = format!("fill=\"{}\"", style.color());
                svg::text(
                    area.right + 5.0,
                    y + SMALL * 0.35,
                    Anchor::Start,
                    SMALL,
                    &color,
                    name,
                )
            })
            .collect()
    }
}

/// Ascending positions moved as little as needed to be `gap` apart, between `low` and `high` as long as there is room.
fn pushed_apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut places = wanted.to_vec();
    let mut floor = low;
    for place in &mut places {
        *place = place.max(floor);
        floor = *place + gap;
    }
    let mut ceiling = high;
    for place in places.iter_mut().rev() {
        *place = place.min(ceiling);
        ceiling = *place - gap;
    }
    places
}

impl Mark {
    fn draw(&self, area: &Area) -> String {
        match self {
            Self::Region { from, to, .. } => {
                let edge = |value| area.x(value).map(|x| x.clamp(area.left, area.right));
                let (Some(from), Some(to)) = (edge(*from), edge(*to)) else {
                    return String::new();
                };
                // A single day of a long series is still seen.
                let width = (to - from).max(2.0);
                let corner = (from.min(area.right - width), area.top);
                let paint = "fill=\"currentColor\" fill-opacity=\"0.1\"";
                svg::rectangle(corner, width, area.bottom - area.top, paint, "")
            }
            Self::Line {
                points,
                style,
                title,
            } => {
                let points: Vec<_> = points.iter().map(|&point| area.point(point)).collect();
                format!(
                    "<path d=\"{}\" {}>{}</path>\n",
                    svg::path(&points),
                    style.stroke(),
                    svg::hover(title)
                )
            }
            Self::Band {
                points,
                style,
                title,
            } => {
                let edge = |x: f64, y: f64| Some((area.x(x)?, area.y_inside(y)));
                let upper = points.iter().map(|&(x, _, high)| edge(x, high));
                let lower = points.iter().rev().map(|&(x, low, _)| edge(x, low));
                let outline: Vec<_> = upper.chain(lower).filter(Option::is_some).collect();
                format!(
                    "<path d=\"{}Z\" fill=\"{}\" fill-opacity=\"0.18\">{}</path>\n",
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
            } => points
                .iter()
                .filter_map(|(x, y, title)| {
                    let place = area.point((*x, *y))?;
                    Some(style.marker(place, *size, *fill, title))
                })
                .collect(),
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
                let (low, high) = (area.y_inside(*low), area.y_inside(*high));
                let points = [
                    Some((x - 3.5, high)),
                    Some((x + 3.5, high)),
                    None,
                    Some((x, high)),
                    Some((x, low)),
                    None,
                    Some((x - 3.5, low)),
                    Some((x + 3.5, low)),
                ];
                format!(
                    "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\">{}</path>\n",
                    svg::path(&points),
                    style.color(),
                    svg::hover(title)
                )
            }
        }
    }
}

/// The names of shaded stretches above the plot area that begins at `top`, in as many rows as keep them apart.
fn region_labels(panel: &Panel, x: &Scale, (left, right): (f64, f64), top: f64) -> (String, usize) {
    let mut placed: Vec<(f64, f64, usize, &str)> = Vec::new();
    for mark in &panel.marks {
        let Mark::Region { from, to, label } = mark else {
            continue;
        };
        let (Some(from), Some(to)) = (x.place(*from), x.place(*to)) else {
            continue;
        };
        if label.is_empty() {
            continue;
        }
        let half = text_width(label, SMALL) / 2.0;
        let middle = left + (from + to) / 2.0 * (right - left);
        let middle = middle.min(WIDTH - 4.0 - half).max(left + half);
        let is_free = |row: &usize| {
            placed.iter().all(|&(other_from, other_to, other_row, _)| {
                other_row != *row
                    || middle + half + 4.0 < other_from
                    || other_to < middle - half - 4.0
            })
        };
        let row = (0..).find(is_free).unwrap_or_default();
        placed.push((middle - half, middle + half, row, label));
    }
    let rows = placed.iter().map(|label| label.2 + 1).max().unwrap_or(0);
    let labels = placed
        .iter()
        .map(|&(from, to, row, label)| {
            let y = top + (rows - row) as f64 * (SMALL + 3.0) - 4.0;
            svg::text((from + to) / 2.0, y, Anchor::Middle, SMALL, "", label)
        })
        .collect();
    (labels, rows)
}

/// The labels below an axis and the height they take: in two rows where one is too narrow, and fewer of them where two
/// are.
fn x_labels(ticks: &[Tick], area: &Area) -> (String, f64) {
    let mut labels: Vec<(f64, f64, &str)> = ticks
        .iter()
        .filter_map(|tick| {
            let half = text_width(&tick.label, SMALL) / 2.0;
            let x = area.x(tick.at)?.min(WIDTH - 3.0 - half).max(half + 1.0);
            Some((x, half, tick.label.as_str()))
        })
        .collect();
    let fit = |labels: &[(f64, f64, &str)], rows: usize| {
        labels
            .iter()
            .zip(labels.iter().skip(rows))
            .all(|((x, half, _), (next, next_half, _))| x + half + 6.0 <= next - next_half)
    };
    while !fit(&labels, 2) && labels.len() > 2 {
        // Every other one goes; the last stays, which in a series of days is the one to read.
        let last = labels.len() - 1;
        let mut index = 0;
        labels.retain(|_| {
            index += 1;
            (last + 1 - index).is_multiple_of(2)
        });
    }
    let rows = if fit(&labels, 1) { 1 } else { 2 };
    let drawn = labels
        .iter()
        .enumerate()
        .map(|(index, (x, _, label))| {
            let row = (index % rows) as f64;
            let y = area.bottom + 5.0 + SMALL + row * (SMALL + 2.0);
            svg::text(*x, y, Anchor::Middle, SMALL, "", label)
        })
        .collect();
    (drawn, 5.0 + rows as f64 * (SMALL + 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>, log: bool) -> Chart {
        let values: Vec<f64> = points.iter().map(|point| point.1).collect();
        let mut panel = Panel::new(Axis::of_values(
            "MSE (USD²)".into(),
            values.into_iter(),
            log,
        ));
        panel.marks.push(Mark::Line {
            points,
            style: Style::Series(0),
            title: "<lstm>".to_owned(),
        });
        let scale = Scale::linear([1.0, 3.0]);
        Chart {
            x: Axis {
                label: "epoch".to_owned(),
                ticks: scale.ticks(),
                scale,
            },
            panels: vec![panel],
            legend: Vec::new(),
        }
    }

    #[test]
    fn a_small_chart() {
        let drawing = chart(vec![(1.0, 4.0), (2.0, 2.0), (3.0, 1.0)], false);
        insta::assert_snapshot!(drawing.draw("f", "Learning", "It falls."));
    }

    #[test]
    fn a_value_that_a_log_axis_cannot_show_breaks_the_line() {
        let drawing = chart(vec![(1.0, 10.0), (2.0, 0.0), (3.0, 100.0)], true);
        let drawing = drawing.draw("f", "t", "d");
        let d = drawing.split(" d=\"").nth(1).unwrap_or_default();
        let d = d.split('"').next().unwrap_or_default();
        assert_eq!(d.matches('M').count(), 2, "{d}");
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }

    #[test]
    fn names_at_line_ends_do_not_overlap() {
        let places = pushed_apart(&[10.0, 11.0, 12.0, 190.0, 195.0], 14.0, 0.0, 190.0);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 13.99));
        assert!(places.iter().all(|place| (0.0..=190.0).contains(place)));
        assert_eq!(pushed_apart(&[50.0, 90.0], 14.0, 0.0, 190.0), [50.0, 90.0]);
    }

    #[test]
    fn crowded_labels_go_to_two_rows_and_then_become_fewer() {
        let scale = Scale::linear([0.0, 100.0]);
        let area = Area {
            left: 40.0,
            right: 500.0,
            top: 0.0,
            bottom: 100.0,
            x: &scale,
            y: &scale,
        };
        let ticks = |count: usize| -> Vec<Tick> {
            (0..count)
                .map(|i| Tick {
                    at: i as f64 * 100.0 / (count - 1) as f64,
                    label: "2020-02-23".to_owned(),
                })
                .collect()
        };
        let (few, one_row) = x_labels(&ticks(4), &area);
        let (more, two_rows) = x_labels(&ticks(9), &area);
        let (many, _) = x_labels(&ticks(60), &area);
        assert_eq!(few.matches("<text").count(), 4);
        assert_eq!(more.matches("<text").count(), 9);
        assert!(two_rows > one_row);
        assert!((3..15).contains(&many.matches("<text").count()));
    }
}
