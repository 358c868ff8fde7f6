//! A chart as what it shows → its drawing with legend and hover texts, the table of its numbers, and what is said of both; long
//! curves are thinned in all of them alike. A kind of figure fills a [`Frame`] and draws nothing itself.

mod axis; // what stands along the horizontal axis → where it stands
mod graph; // series → marks, legend, the vertical axis
mod table; // series → rows

use super::chart::{Chart, PANEL};
use super::palette::Style;
use super::svg::Drawing;
use super::thin;
use crate::console::counted;
use crate::report::DataTable;
use crate::report::round;

/// Graphs above one another on one horizontal axis.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The horizontal axis.
    pub x: Along,
    /// From top to bottom.
    pub graphs: Vec<Graph>,
}

/// A horizontal axis, as long as the points need it.
#[derive(Debug, Clone)]
pub(crate) struct Along {
    /// Written below it; empty where its ticks say what they are.
    pub label: String,
    /// The heading of its column in the table.
    pub heading: String,
    /// What stands along it.
    pub places: Places,
}

/// What the `x` of points are.
#[derive(Debug, Clone)]
pub(crate) enum Places {
    /// Whole numbers from 1 on.
    Counts,
    /// Numbers, and how the table writes them; lines are straight between them, in the table too.
    Numbers(fn(f64) -> String),
    /// Days since 1970.
    Days,
    /// Names beside one another: 0 is the first, 1 the second.
    Names(Vec<String>),
}

/// One plot area with a vertical axis.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    /// What the table calls it; empty where its series say it.
    pub name: String,
    /// Written above it: what is measured, with the unit.
    pub label: String,
    /// Whether the axis is logarithmic, where it can be.
    pub log: bool,
    /// Height of the plot area.
    pub height: f64,
    /// How its numbers are written in the table and on hover.
    pub write: fn(f64) -> String,
    /// Shaded stretches of the horizontal axis, both ends included: from, to, and what stands above.
    pub regions: Vec<(f64, f64, &'static str)>,
    /// Stretches of the horizontal axis over which no line is drawn, for nothing is known between their ends.
    pub gaps: Vec<(f64, f64)>,
    /// In the order of the legend and of the table.
    pub series: Vec<Series>,
}

/// Points that belong together.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What it is called on hover.
    pub name: String,
    /// What the legend calls it; none where another series' entry stands for it.
    pub legend: Option<String>,
    /// What the table calls it; none where it says nothing that is not there already.
    pub column: Option<String>,
    /// Shown where the pointer rests on the line.
    pub hover: String,
    /// Colour, dash pattern and marker.
    pub style: Style,
    /// How it is drawn.
    pub look: Look,
    /// In order of `x`.
    pub points: Vec<Point>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A line, with a band for the spread unless bands would hide one another.
    Line,
    /// Small markers.
    Dots,
    /// Markers with bars for the spread and faint dots for the runs, beside those of other series; `joined` by a line or not.
    Markers {
        /// Whether a line goes through them.
        joined: bool,
    },
    /// A line across at each point's height: what holds wherever one looks along the axis.
    Across,
    /// A band alone, from the lowest to the highest of each point's spread.
    Band,
    /// Not at all: it stands in the table alone.
    Hidden,
}

/// A value, or what several runs are together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    /// Where along the horizontal axis.
    pub x: f64,
    /// The value, or the mean of the runs.
    pub mean: f64,
    /// What lies around the mean: the lowest and the highest run, or an interval.
    pub spread: Option<(f64, f64)>,
    /// The runs, where each is shown.
    pub runs: Vec<f64>,
    /// Shown where the pointer rests on its marker.
    pub hover: String,
}

impl Point {
    /// One value.
    pub(crate) fn at(x: f64, value: f64) -> Self {
        Self {
            x,
            mean: value,
            spread: None,
            runs: Vec::new(),
            hover: String::new(),
        }
    }

    /// The mean of some values, spread from the lowest to the highest.
    pub(crate) fn over(x: f64, values: impl Iterator<Item = f64> + Clone) -> Self {
        let mean = values.clone().sum::<f64>() / values.clone().count() as f64;
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        Self {
            spread: Some((low, high)),
            ..Self::at(x, mean)
        }
    }

    /// Its lowest and its highest value.
    fn ends(&self) -> (f64, f64) {
        self.spread.unwrap_or((self.mean, self.mean))
    }
}

impl Series {
    /// A line of this name.
    pub(crate) fn line(name: &str, style: Style, points: Vec<Point>) -> Self {
        Self {
            name: name.to_owned(),
            legend: Some(name.to_owned()),
            column: Some(name.to_owned()),
            hover: name.to_owned(),
            style,
            look: Look::Line,
            points,
        }
    }

    fn is_spread(&self) -> bool {
        self.points.iter().any(|point| point.spread.is_some())
    }

    /// Mean, lowest and highest at a place, of the last of its points there; between two points on the straight line where one
    /// is asked for, else nothing.
    fn at(&self, x: f64, straight: bool) -> Option<[f64; 3]> {
        let values = |point: &Point| [point.mean, point.ends().0, point.ends().1];
        let after = self.points.partition_point(|point| point.x <= x + SAME);
        let before = &self.points[after.checked_sub(1)?];
        if x <= before.x + SAME {
            return Some(values(before));
        }
        let after = self.points.get(after).filter(|_| straight)?;
        let share = (x - before.x) / (after.x - before.x);
        let [from, to] = [before, after].map(values);
        Some(std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share))
    }
}

/// So many curves each have their peaks and valleys among the places of a long chart.
const MOST_CURVES: usize = 40;

/// Places nearer than this are the same.
const SAME: f64 = 1e-12;

impl Graph {
    /// An empty graph of the usual height.
    pub(crate) fn new(label: String) -> Self {
        Self {
            name: String::new(),
            label,
            log: false,
            height: PANEL,
            write: round::number,
            regions: Vec::new(),
            gaps: Vec::new(),
            series: Vec::new(),
        }
    }
}

impl Frame {
    /// The drawing from `top` on, and the numbers behind it.
    pub(crate) fn draw(self, top: f64) -> (Drawing, DataTable) {
        let frame = self.thinned();
        let x = frame.axis();
        let chart = Chart {
            panels: frame.panels(&x.scale),
            legend: frame.legend(),
            x,
        };
        (chart.draw(top), frame.table())
    }

    fn series(&self) -> impl Iterator<Item = &Series> + Clone {
        self.graphs.iter().flat_map(|graph| &graph.series)
    }

    /// Whether its points are groups of runs, of which each is told.
    fn shows_runs(&self) -> bool {
        let mut points = self.series().flat_map(|series| &series.points);
        points.any(|point| !point.runs.is_empty())
    }

    /// With as many places as can be told apart in a drawing, the same for all series; groups of runs are left as they are.
    fn thinned(mut self) -> Self {
        let xs = places(self.series());
        // Many graphs above one another are many times as many numbers.
        let limit = (4 * thin::LIMIT / self.graphs.len().max(1)).min(thin::LIMIT);
        if xs.len() <= limit || self.shows_runs() {
            return self;
        }
        let straight = self.x.is_straight();
        // Without a spread its three curves are one.
        let count = |series: &Series| if series.is_spread() { 3 } else { 1 };
        let all: usize = self.series().map(count).sum();
        let mut curves: Vec<Vec<f64>> = Vec::new();
        // Of more curves than there is room for, the first of each graph says which places are kept: what was observed.
        let most = if all > MOST_CURVES { 1 } else { usize::MAX };
        for series in self.graphs.iter().flat_map(|graph| graph.series.iter().take(most)) {
            for value in 0..count(series).min(most) {
                let at = |&x| series.at(x, straight).map_or(f64::NAN, |found| found[value]);
                curves.push(xs.iter().map(at).collect());
            }
        }
        let curves: Vec<&[f64]> = curves.iter().map(Vec::as_slice).collect();
        let kept = thin::kept(&curves, limit);
        let place = |x: f64| xs.partition_point(|&known| known < x - SAME);
        for series in self.graphs.iter_mut().flat_map(|graph| &mut graph.series) {
            series.points.retain(|point| kept.binary_search(&place(point.x)).is_ok());
        }
        self
    }

    /// How the spread of means is shown, as a clause behind what says that they are means; none where nothing is spread.
    pub(crate) fn spread(&self) -> Option<&'static str> {
        let is_barred = |one: &Series| matches!(one.look, Look::Markers { .. }) && one.is_spread();
        if self.series().any(is_barred) {
            Some(", the bar reaches from the lowest to the highest of them")
        } else if self.graphs.iter().any(Graph::has_bands) {
            Some(", the band reaches from the lowest to the highest of them")
        } else {
            let mut means = self.series().filter(|one| one.look != Look::Band);
            let is_spread = means.any(Series::is_spread);
            is_spread.then_some(", whose range is in the table")
        }
    }

    /// The first and the last place of a point.
    pub(crate) fn first_and_last(&self) -> Option<(f64, f64)> {
        let xs = places(self.series());
        xs.first().copied().zip(xs.last().copied())
    }

    /// What a logarithmic axis has no place for, as a sentence; empty where nothing is left out.
    pub(crate) fn left_out(&self) -> String {
        let count = |graph: &Graph| {
            let shown = graph.series.iter().filter(|one| one.column.is_some());
            let means = shown.flat_map(|one| one.points.iter().map(|point| point.mean));
            // Where no value is above 0, the axis is not logarithmic.
            let is_log = graph.log && means.clone().any(|mean| mean > 0.0);
            means.filter(|mean| is_log && *mean <= 0.0).count()
        };
        match self.graphs.iter().map(count).sum() {
            0 => String::new(),
            1 => " 1 value at or below 0 has no place on the logarithmic axis.".to_owned(),
            more => format!(
                " {} at or below 0 have no place on the logarithmic axis.",
                counted(more, "value")
            ),
        }
    }
}

/// Where these series have points, ascending.
fn places<'a>(series: impl Iterator<Item = &'a Series>) -> Vec<f64> {
    let along = series.filter(|one| one.look != Look::Across);
    let mut xs: Vec<f64> = along.flat_map(|one| one.points.iter().map(|point| point.x)).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup_by(|a, b| (*a - *b).abs() < SAME);
    xs
}

#[cfg(test)]
mod tests;
