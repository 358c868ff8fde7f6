//! Quantiles beside forecasts → bands from the lowest to the highest of them.

use super::lines::Line;
use crate::metric::Forecast;
use crate::report::draw::frame::{Look, Point, Series};
use crate::store::record::Record;

/// So many bands are told apart where they lie above one another.
const MOST_BANDS: usize = 4;

/// What a line says of each forecast day of a target.
pub(super) struct Said {
    /// The forecasts.
    pub series: Series,
    /// The days with the ends of their interval, where there is one: of several seeds the means of their own.
    pub interval: Vec<(f64, f64, f64)>,
}

/// Which bands a figure has.
pub(super) struct Bands {
    /// How many lines have an interval.
    count: usize,
    /// Whether there are other lines beside it.
    are_many: bool,
    /// Whether some are means over seeds.
    are_means: bool,
    /// What their intervals are called, each once.
    names: Vec<String>,
}

impl Bands {
    /// Those of some lines.
    pub(super) fn of(lines: &[Line]) -> Self {
        let named = lines.iter().filter_map(|line| levels(line.records[0]).map(name));
        let mut names: Vec<String> = named.collect();
        let count = names.len();
        names.sort();
        names.dedup();
        Self {
            count,
            are_many: lines.len() > 1,
            are_means: lines
                .iter()
                .any(|line| line.records.len() > 1 && levels(line.records[0]).is_some()),
            names,
        }
    }

    /// What a line's interval is called, as "80 % interval".
    pub(super) fn name_of(&self, line: &Line) -> String {
        levels(line.records[0]).map_or_else(String::new, name)
    }

    /// The band of what a line says: drawn where there are few, else in the table alone.
    pub(super) fn series(&self, line: &Line, said: &Said) -> Option<Series> {
        let points = said.interval.iter().map(|&(day, low, high)| Point {
            spread: Some((low, high)),
            ..Point::at(day, low + (high - low) / 2.0)
        });
        let name = self.name_of(line);
        let told = match self.are_many {
            true => format!("{}: {name}", line.name),
            false => name,
        };
        (self.count <= MOST_BANDS && !said.interval.is_empty()).then(|| Series {
            look: Look::Band,
            ..Series::line(&told, line.style, points.collect())
        })
    }

    /// What bands mean, as a sentence; empty where there are none.
    pub(super) fn describe(&self) -> String {
        if self.count == 0 {
            return String::new();
        }
        let names = crate::console::joined(&self.names, "or");
        if self.count > MOST_BANDS {
            return format!(
                " {} lines have intervals ({names}), which would hide one another: `where` in its [[report.figure]] shows those of fewer.",
                self.count
            );
        }
        let means = if self.are_means { "; over seeds the mean of each" } else { "" };
        format!(" Shaded around a line: its {names}, from the lowest to the highest quantile{means}.")
    }
}

/// The lowest and the highest level of a record's quantiles; none where there are no two.
pub(super) fn levels(record: &Record) -> Option<[f64; 2]> {
    match record.predictions.forecasts()?.levels() {
        [lowest, .., highest] => Some([*lowest, *highest]),
        _ => None,
    }
}

/// What the interval between two levels is called: "80 % interval".
pub(super) fn name([lowest, highest]: [f64; 2]) -> String {
    let percent = (highest - lowest) * 100.0;
    let tenths = (percent * 10.0).round() / 10.0;
    format!("{tenths} % interval")
}

/// The lowest and the highest quantile of a value, over seeds the mean of both; none unless each has two.
pub(super) fn ends(seeds: &[&Forecast], column: usize) -> Option<(f64, f64)> {
    let of_seed = |seed: &&Forecast| match &seed.quantiles[..] {
        [lowest, .., highest] => Some((*lowest.get(column)?, *highest.get(column)?)),
        _ => None,
    };
    let each: Vec<(f64, f64)> = seeds.iter().map(of_seed).collect::<Option<_>>()?;
    let mean = |of: fn(&(f64, f64)) -> f64| each.iter().map(of).sum::<f64>() / each.len() as f64;
    (!each.is_empty()).then(|| (mean(|(low, _)| *low), mean(|(_, high)| *high)))
}
