//! The series of a frame → the numbers behind its drawing: a row for each place, or for each group of runs.

use super::{Frame, Graph, Look, Point, Series, places};
use crate::report::DataTable;
use crate::report::round;

/// What stands where a series has no value.
const NOTHING: &str = "–";

impl Frame {
    pub(super) fn table(&self) -> DataTable {
        match self.shows_runs() {
            true => self.groups(),
            false => self.curves(),
        }
    }

    /// A row for each place, a column for each series, and one for its range where it has one.
    fn curves(&self) -> DataTable {
        let named = |graph: &Graph, series: &Series| {
            let column = series.column.clone()?;
            Some(match &*graph.name {
                "" => column,
                name => format!("{column}, {name}"),
            })
        };
        let mut columns = vec![self.x.heading.clone()];
        let mut shown: Vec<(&Graph, &Series)> = Vec::new();
        for graph in &self.graphs {
            for series in &graph.series {
                if let Some(name) = named(graph, series) {
                    columns.push(name);
                    let is_mean = series.is_spread() && series.look != Look::Band;
                    columns.extend(is_mean.then(|| "lowest to highest seed".to_owned()));
                    shown.push((graph, series));
                }
            }
        }
        let row = |x: f64| {
            let mut row = vec![self.x.written(x)];
            for (graph, series) in &shown {
                let found = series.at(x, self.x.is_straight());
                let write = |values: [f64; 3]| values.map(graph.write);
                let [mean, low, high] = found.map_or([NOTHING; 3].map(str::to_owned), write);
                if series.look != Look::Band {
                    row.push(mean);
                }
                if series.is_spread() {
                    row.push(match found {
                        Some(_) => format!("{low} to {high}"),
                        None => NOTHING.to_owned(),
                    });
                }
            }
            row
        };
        let xs = places(shown.iter().map(|(_, series)| *series));
        DataTable {
            columns,
            rows: xs.into_iter().map(row).collect(),
        }
    }

    /// A row for each group of runs: its mean with the interval, and each run.
    fn groups(&self) -> DataTable {
        let row = |graph: &Graph, series: &Series, point: &Point| {
            let runs: Vec<String> = point.runs.iter().map(|&run| (graph.write)(run)).collect();
            let place = match series.look {
                Look::Across => "any".to_owned(),
                _ => self.x.written(point.x),
            };
            let mean = match point.spread {
                Some(interval) => round::with_interval(point.mean, interval),
                None => (graph.write)(point.mean),
            };
            [graph.name.clone(), series.name.clone(), place, mean, runs.join(", ")]
        };
        let mut rows = Vec::new();
        for graph in &self.graphs {
            for series in &graph.series {
                rows.extend(series.points.iter().map(|point| row(graph, series, point)));
            }
        }
        let columns = ["metric", "line", &self.x.heading, "mean ± 95 % interval", "seeds"];
        DataTable::new(columns, rows)
    }
}
