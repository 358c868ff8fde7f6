//! Panels above one another on one horizontal axis, with axes, gridlines and a legend. Knows neither records nor models.

use super::labels;
use super::legend::{self, Entry};
use super::marks::{Area, Mark};
use super::scale::{Scale, Tick};
use super::svg::{self, AXIS, Anchor, Drawing, FONT, GRID, SMALL, WIDTH, text_width};

/// A drawing of one or more panels.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// Shared by all panels.
    pub x: Axis,
    /// From top to bottom.
    pub panels: Vec<Panel>,
    /// What the looks mean; drawn above the panels.
    pub legend: Vec<Entry>,
}

/// An axis.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// What it measures, with the unit.
    pub label: String,
    /// Where values lie.
    pub scale: Scale,
    /// Where it is labelled.
    pub ticks: Vec<Tick>,
    /// How a place along it is told to a reader who points at it: as `number`, `whole` number, `day` since 1970 or `name`.
    pub reading: &'static str,
}

/// One plot area with its vertical axis.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// The vertical axis.
    pub y: Axis,
    /// Height of the plot area.
    pub height: f64,
    /// What is drawn, the hindmost first.
    pub marks: Vec<Mark>,
}

/// Height of a plot area unless there is a reason for another.
pub(crate) const PANEL: f64 = 190.0;

impl Axis {
    /// A vertical axis for these values: linear, or logarithmic where asked for and possible.
    pub(crate) fn of_values(label: String, values: impl Iterator<Item = f64> + Clone, log: bool) -> Self {
        let (label, scale) = match Scale::log(values.clone()) {
            Some(scale) if log => (format!("{label}, logarithmic"), scale.rounded()),
            _ => (label, Scale::linear(values).rounded()),
        };
        Self {
            label,
            scale,
            ticks: scale.ticks(),
            reading: "number",
        }
    }
}

impl Chart {
    /// The elements of the drawing from `top` on, and where they end.
    pub(crate) fn draw(&self, top: f64) -> Drawing {
        let (left, right) = self.margins();
        let (mut body, mut y) = legend::draw(&self.legend, top);
        for (index, panel) in self.panels.iter().enumerate() {
            let last = index + 1 == self.panels.len();
            y += FONT + 4.0;
            body.push_str(&svg::bold(2.0, y, Anchor::Start, &panel.y.label));
            y += 9.0;
            let (labels, rows) = labels::above(&panel.marks, &self.x.scale, (left, right), y);
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
            body.push_str(&panel.draw(&area, &self.x));
            y = area.bottom;
            let (labels, height) = labels::below(&self.x.ticks, &area);
            body.push_str(&labels);
            y += height + 6.0;
            if last && !self.x.label.is_empty() {
                y += FONT + 1.0;
                let middle = (left + right) / 2.0;
                body.push_str(&svg::text(middle, y, Anchor::Middle, FONT, "data-axis=\"x\"", &self.x.label));
            }
            y += 8.0;
        }
        (body, y)
    }

    /// Where the plot areas begin and end, with room for the tick labels at the left.
    fn margins(&self) -> (f64, f64) {
        let ticks = self.panels.iter().flat_map(|panel| &panel.y.ticks);
        let widest = ticks.map(|tick| text_width(&tick.label, SMALL)).fold(24.0, f64::max);
        (widest + 9.0, WIDTH - 14.0)
    }
}

impl Panel {
    fn draw(&self, area: &Area, x: &Axis) -> String {
        let mut body = format!(
            "<g data-plot=\"{}\" data-x=\"{} {}\" data-y=\"{}\">\n",
            [area.left, area.right, area.top, area.bottom].map(svg::coordinate).join(" "),
            x.reading,
            area.x.ends(),
            area.y.ends()
        );
        let is_region = |mark: &&Mark| matches!(mark, Mark::Region { .. });
        for mark in self.marks.iter().filter(is_region) {
            body.push_str(&mark.draw(area));
        }
        let grid = format!("stroke=\"{GRID}\" stroke-width=\"0.8\"");
        for tick in &self.y.ticks {
            let Some(y) = area.y(tick.at) else { continue };
            body.push_str(&svg::line((area.left, y), (area.right, y), &grid));
            body.push_str(&svg::small(area.left - 6.0, y + SMALL * 0.35, Anchor::End, &tick.label));
        }
        let axis = format!("stroke=\"{AXIS}\" stroke-width=\"1\"");
        body.push_str(&svg::line((area.left, area.bottom), (area.right, area.bottom), &axis));
        for x in x.ticks.iter().filter_map(|tick| area.x(tick.at)) {
            body.push_str(&svg::line((x, area.bottom), (x, area.bottom + 4.0), &axis));
        }
        for mark in self.marks.iter().filter(|mark| !is_region(mark)) {
            body.push_str(&mark.draw(area));
        }
        body + "</g>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::super::palette::Style;
    use super::*;

    fn chart(points: Vec<(f64, f64)>, log: bool) -> Chart {
        let values: Vec<f64> = points.iter().map(|point| point.1).collect();
        let panel = Panel {
            y: Axis::of_values("MSE (USD²)".into(), values.into_iter(), log),
            height: PANEL,
            marks: vec![Mark::Line {
                points,
                style: Style::Series(0),
                title: "<lstm>".to_owned(),
            }],
        };
        let scale = Scale::linear([1.0, 3.0]);
        Chart {
            x: Axis {
                label: "epoch".to_owned(),
                ticks: scale.ticks(),
                scale,
                reading: "whole",
            },
            panels: vec![panel],
            legend: Vec::new(),
        }
    }

    #[test]
    fn a_small_chart() {
        let drawing = chart(vec![(1.0, 4.0), (2.0, 2.0), (3.0, 1.0)], false);
        insta::assert_snapshot!(svg::document("f", "Learning", "It falls.", &drawing.draw(0.0)));
    }

    #[test]
    fn a_value_that_a_log_axis_cannot_show_breaks_the_line() {
        let drawing = chart(vec![(1.0, 10.0), (2.0, 0.0), (3.0, 100.0)], true);
        let (drawing, _) = drawing.draw(0.0);
        let d = drawing.split(" d=\"").nth(1).unwrap_or_default();
        let d = d.split('"').next().unwrap_or_default();
        assert_eq!(d.matches('M').count(), 2, "{d}");
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }
}
