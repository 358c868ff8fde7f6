//! The series of a graph → its vertical axis, its marks from back to front, and the legend.

use super::{Frame, Graph, Look, Places, Point, SAME, Series};
use crate::report::draw::chart::{Axis, Panel};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::{Fill, Style};
use crate::report::draw::scale::Scale;

/// So many bands are still told apart.
const MOST_BANDS: usize = 4;

impl Frame {
    pub(super) fn panels(&self, x: &Scale) -> Vec<Panel> {
        let step = self.step();
        let whole_days = match self.x.places {
            Places::Days => 0.5 * self.apart(),
            _ => 0.0,
        };
        let panel = |graph: &Graph| {
            let regions = graph.regions.iter().map(|&(from, to, label)| Mark::Region {
                from: from - whole_days,
                to: to + whole_days,
                label: label.to_owned(),
            });
            Panel {
                y: Axis::of_values(graph.label.clone(), graph.values().into_iter(), graph.log),
                height: graph.height,
                marks: regions.chain(graph.marks(x, step)).collect(),
            }
        };
        self.graphs.iter().map(panel).collect()
    }

    /// An entry for each look and name that is drawn.
    pub(super) fn legend(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for series in self.series().filter(|one| one.look != Look::Hidden) {
            let is_known =
                |entry: &Entry| entry.sample.style() == series.style && Some(&entry.name) == series.legend.as_ref();
            if let Some(name) = &series.legend
                && !entries.iter().any(is_known)
            {
                entries.push(Entry {
                    sample: series.sample(),
                    name: name.clone(),
                });
            }
        }
        entries
    }
}

impl Graph {
    /// What its axis must have room for.
    fn values(&self) -> Vec<f64> {
        let drawn = self.series.iter().filter(|one| one.look != Look::Hidden);
        let points: Vec<&Point> = drawn.flat_map(|one| &one.points).collect();
        let runs = || points.iter().flat_map(|point| &point.runs).copied();
        let (lowest, highest) = (runs().fold(f64::INFINITY, f64::min), runs().fold(f64::NEG_INFINITY, f64::max));
        // Of a few runs the interval can be many times as wide as their spread; it must not flatten the drawing. And below 0 lies
        // nothing for a metric that is never negative.
        let margin = (highest - lowest) * 0.5;
        let floor = if lowest >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        let ends = points.iter().flat_map(|point| match point.ends() {
            (low, high) if point.runs.is_empty() => [low, high],
            (low, high) => [low.max(lowest - margin).max(floor), high.min(highest + margin)],
        });
        runs().chain(ends).collect()
    }

    /// Whether the spread of its lines is drawn; beside bands of another meaning it is not.
    pub(super) fn has_bands(&self) -> bool {
        if self.series.iter().any(|one| one.look == Look::Band) {
            return false;
        }
        let spread = self.series.iter().filter(|one| one.has_band());
        (1..=MOST_BANDS).contains(&spread.count())
    }

    /// Its marks: what lines are compared with, bands, then the series in order.
    fn marks(&self, x: &Scale, step: f64) -> Vec<Mark> {
        let is_reference = |one: &&Series| one.style == Style::Reference;
        let is_band = |one: &&Series| one.look == Look::Band || (one.has_band() && self.has_bands());
        let bands = self.series.iter().filter(is_band);
        let references = self.series.iter().filter(is_reference);
        let mut marks: Vec<Mark> = references
            .flat_map(|one| one.marks(x, 0.0, self))
            .chain(bands.flat_map(|one| one.bands(self)))
            .collect();
        let beside = self.series.iter().filter(|one| one.stands_beside());
        let mut shift = -step * (beside.count().max(1) - 1) as f64 / 2.0;
        for series in self.series.iter().filter(|one| !is_reference(one)) {
            if series.stands_beside() {
                marks.extend(series.marks(x, shift, self));
                shift += step;
            } else {
                marks.extend(series.marks(x, 0.0, self));
            }
        }
        marks
    }
}

impl Graph {
    /// Whether a gap lies between two places.
    fn parts(&self, from: f64, to: f64) -> bool {
        self.gaps
            .iter()
            .any(|&(before, after)| from <= before + SAME && to >= after - SAME)
    }
}

impl Series {
    /// Whether it shares the room at a place with others.
    pub(super) fn stands_beside(&self) -> bool {
        matches!(self.look, Look::Markers { .. } | Look::Across)
    }

    fn has_band(&self) -> bool {
        self.look == Look::Line && self.is_spread()
    }

    fn sample(&self) -> Sample {
        match self.look {
            Look::Markers { joined } if joined && self.points.len() > 1 => Sample::LineAndMarker(self.style),
            Look::Markers { .. } | Look::Dots => Sample::Marker(self.style),
            Look::Band => Sample::Band(self.style),
            Look::Line | Look::Across | Look::Hidden => Sample::Line(self.style),
        }
    }

    /// Its band, in as many pieces as gaps leave of it.
    fn bands(&self, graph: &Graph) -> Vec<Mark> {
        let ends = |point: &Point| (point.x, point.ends().0, point.ends().1);
        let pieces = self.points.chunk_by(|one, next| !graph.parts(one.x, next.x));
        let band = |points: &[Point]| Mark::Band {
            points: points.iter().map(ends).collect(),
            style: self.style,
            title: match self.look {
                Look::Band => self.hover.clone(),
                _ => format!("{}: lowest to highest seed", self.name),
            },
            is_told: self.look == Look::Band,
        };
        pieces.map(band).collect()
    }

    fn marks(&self, x: &Scale, shift: f64, graph: &Graph) -> Vec<Mark> {
        let write = graph.write;
        let style = self.style;
        let line = |points: Vec<(f64, f64)>, title: &str| Mark::Line {
            points,
            style,
            title: title.to_owned(),
        };
        let markers = |points: Vec<(f64, f64, String)>, fill: Fill, size: f64| Mark::Points {
            points,
            style,
            fill,
            size,
        };
        let means = || self.points.iter().map(|one| (one.x + shift, one.mean));
        // What is no number breaks a line.
        let parted = || {
            let mut points: Vec<(f64, f64)> = Vec::with_capacity(self.points.len());
            for (x, mean) in means() {
                match points.last() {
                    Some((before, _)) if graph.parts(before - shift, x - shift) => points.push((x, f64::NAN)),
                    _ => {}
                }
                points.push((x, mean));
            }
            points
        };
        let titled = || {
            let titles = self.points.iter().map(|one| one.hover.clone());
            means().zip(titles).map(|((x, mean), title)| (x, mean, title)).collect()
        };
        match self.look {
            // Bands lie behind everything else.
            Look::Hidden | Look::Band => Vec::new(),
            Look::Line => vec![line(parted(), &self.hover)],
            Look::Dots => vec![markers(titled(), Fill::Solid, 2.6)],
            Look::Across => {
                let (Scale::Linear { from, to } | Scale::Log { from, to }) = *x;
                let across = |one: &Point| line(vec![(from, one.mean), (to, one.mean)], &one.hover);
                self.points.iter().map(across).collect()
            }
            Look::Markers { joined } => {
                let mut marks = Vec::new();
                if joined && self.points.len() > 1 {
                    marks.push(line(parted(), &self.hover));
                }
                let several = self.points.iter().filter(|one| one.runs.len() > 1);
                let runs = several.flat_map(|one| one.runs.iter().map(|&run| (one.x + shift, run)));
                let runs: Vec<_> = runs
                    .map(|(x, run)| (x, run, format!("{}: {}", self.name, write(run))))
                    .collect();
                if !runs.is_empty() {
                    marks.push(markers(runs, Fill::Faint, 2.2));
                }
                let bars = self.points.iter().filter_map(|one| {
                    let (low, high) = one.spread?;
                    Some(Mark::Interval {
                        x: one.x + shift,
                        low,
                        high,
                        style,
                        title: one.hover.clone(),
                    })
                });
                marks.extend(bars);
                let size = if joined { 3.6 } else { 4.0 };
                marks.push(markers(titled(), Fill::Solid, size));
                marks
            }
        }
    }
}
