//! A checked series: what every kind of it is read into, and what windows are cut from.

use std::ops::Range;

use super::time::Times;

/// Numbers over time, oldest first, only the columns in use: one series, or many one after the other.
#[derive(Debug, Clone)]
pub struct Series {
    /// Where it comes from, as `crypto/litecoin.csv`.
    pub source: String,
    /// When each row is; of each series they rise.
    pub times: Times,
    /// The series of a file that holds many, in the order of their names and of their rows; empty of one alone.
    pub many: Vec<Named>,
    /// The features in order, then the targets that are none of them. All values are finite.
    pub columns: Vec<Column>,
    /// How many of the columns are features.
    pub features: usize,
    /// How many of these, the last ones, tell what a calendar says of each row. They are neither transformed nor scaled.
    pub calendar: usize,
    /// Which columns are the targets; at least one.
    pub targets: Vec<usize>,
    /// The unit of the targets.
    pub unit: String,
    /// Whether a record says what the targets are and how they are scaled.
    pub tells_targets: bool,
    /// Whether records and cards may hold values of it.
    pub publish: bool,
    /// The rows as text, unused columns included.
    pub preview: Preview,
    /// What is worth knowing of how it was read, each in a sentence without its end, as what was filled.
    pub notes: Vec<String>,
}

/// One of many series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its rows among all.
    pub rows: Range<usize>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, as the header says.
    pub name: String,
    /// A value for each row.
    pub values: Vec<f64>,
}

/// What a person who looks at the data wants to see, as the file says it but oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Every column's name.
    pub header: Vec<String>,
    /// The first five rows in use, a cell for each column.
    pub first: Vec<Vec<String>>,
    /// The last five rows in use.
    pub last: Vec<Vec<String>>,
}

impl Preview {
    /// Rows at either end.
    pub const ROWS: usize = 5;
}

/// The columns in use: which to look for, and where each ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used<'a> {
    /// Features in order, then the targets that are none of them.
    pub names: Vec<&'a str>,
    /// How many are features.
    pub features: usize,
    /// Which are the targets.
    pub targets: Vec<usize>,
}

impl<'a> Used<'a> {
    /// `features` and the targets of a dataset's table.
    pub(super) fn new(features: &'a [String], targets: &'a [String]) -> Self {
        let mut names: Vec<&str> = features.iter().map(String::as_str).collect();
        let mut place_of = |target: &'a str| match names.iter().position(|name| *name == target) {
            Some(index) => index,
            None => {
                names.push(target);
                names.len() - 1
            }
        };
        Self {
            features: features.len(),
            targets: targets.iter().map(|target| place_of(target)).collect(),
            names,
        }
    }
}

impl Series {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// The rows of each series, with its name where there are many.
    pub fn each(&self) -> Vec<(Option<&str>, Range<usize>)> {
        if self.many.is_empty() {
            return vec![(None, 0..self.rows())];
        }
        let many = self.many.iter();
        many.map(|Named { name, rows }| (Some(&**name), rows.clone())).collect()
    }

    /// Whether a column tells what a calendar says.
    pub fn is_calendar(&self, column: usize) -> bool {
        (self.features - self.calendar..self.features).contains(&column)
    }

    /// The rows of the first series, which stand for all where one is shown.
    pub fn shown(&self) -> Range<usize> {
        self.many.first().map_or(0..self.rows(), |first| first.rows.clone())
    }

    /// The first target, in its unit.
    pub fn target(&self) -> &Column {
        &self.columns[self.targets[0]]
    }

    /// For each target the feature that it is, where it is one.
    pub fn target_features(&self) -> Vec<Option<usize>> {
        let feature = |column: &usize| (*column < self.features).then_some(*column);
        self.targets.iter().map(feature).collect()
    }

    /// The longest stretch without a row, said in a sentence, where rows seem to be missing.
    pub fn hole(&self) -> Option<String> {
        if self.many.is_empty() {
            return self.times.hole().map(|hole| format!("{}: {hole}", self.source));
        }
        let mut holes = self.each().into_iter().filter_map(|(name, rows)| {
            let of_series = name.map_or_else(String::new, |name| format!("{name}: "));
            let times = self.times.range(rows);
            Some(format!("{}: {of_series}{}", self.source, times.hole()?))
        });
        let first = holes.next()?;
        Some(match holes.count() {
            0 => first,
            more => format!("{first}; so it is in {more} more series"),
        })
    }

    /// A digest of the times and the values in use, in hexadecimal. It depends on neither the file's name nor its format,
    /// and on no column that is not used.
    pub fn digest(&self) -> String {
        let mut digest = blake3::Hasher::new();
        digest.update(&(self.rows() as u64).to_le_bytes());
        digest.update(&(self.columns.len() as u64).to_le_bytes());
        self.times.digest(&mut digest);
        for Named { name, rows } in &self.many {
            digest.update(&(name.len() as u64).to_le_bytes());
            digest.update(name.as_bytes());
            digest.update(&(rows.len() as u64).to_le_bytes());
        }
        for value in self.columns.iter().flat_map(|column| &column.values) {
            digest.update(&value.to_bits().to_le_bytes());
        }
        digest.finalize().to_hex().to_string()
    }
}

/// Some values over time in at most `points` of their places: the first, the last, and of each stretch between them the lowest and the
/// highest. Every one where there are no more than that. `points` must be at least 4.
pub(super) fn thinned(values: &[f64], points: usize) -> Vec<usize> {
    let count = values.len();
    if count <= points {
        return (0..count).collect();
    }
    let stretches = (points - 2) / 2;
    let inner = count - 2;
    let mut kept = vec![0];
    for stretch in 0..stretches {
        let (from, to) = (1 + inner * stretch / stretches, 1 + inner * (stretch + 1) / stretches);
        let lowest = (from..to).min_by(|a, b| values[*a].total_cmp(&values[*b]));
        let highest = (from..to).max_by(|a, b| values[*a].total_cmp(&values[*b]));
        let mut ends: Vec<usize> = lowest.into_iter().chain(highest).collect();
        ends.sort_unstable();
        ends.dedup();
        kept.extend(ends);
    }
    kept.push(count - 1);
    kept
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::{Date, date};

    /// A series of one column, `Price`, from the first of January 2020.
    pub(crate) fn series(prices: &[f64]) -> Series {
        let first = date(2020, 1, 1);
        let days = (0..prices.len()).map(|day| first.saturating_add((day as i64).days()));
        let days: Vec<Date> = days.collect();
        Series {
            source: "test".to_owned(),
            times: Times::days(&days),
            columns: vec![Column {
                name: "Price".to_owned(),
                values: prices.to_vec(),
            }],
            many: vec![],
            features: 1,
            calendar: 0,
            targets: vec![0],
            tells_targets: false,
            publish: true,
            unit: "USD".to_owned(),
            preview: Preview {
                header: vec![],
                first: vec![],
                last: vec![],
            },
            notes: vec![],
        }
    }

    #[test]
    fn the_digest_depends_on_days_and_values() {
        let one = series(&[1.0, 2.0, 3.0]);
        assert_eq!(one.digest(), series(&[1.0, 2.0, 3.0]).digest());
        assert_ne!(one.digest(), series(&[1.0, 2.0, 3.000_000_1]).digest());
        let mut other_day = one.clone();
        other_day.times = Times::days(&[date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 4)]);
        assert_ne!(one.digest(), other_day.digest());
        let mut other_name = one.clone();
        other_name.source = "elsewhere".to_owned();
        assert_eq!(one.digest(), other_name.digest());
    }

    #[test]
    fn thinning_keeps_both_ends_and_the_extremes() {
        let mut prices: Vec<f64> = (0..1851).map(|day| f64::from(day % 7)).collect();
        prices[1000] = -5.0;
        prices[1001] = 99.0;
        let thinned = super::thinned(&prices, 400);
        assert!(thinned.len() <= 400 && thinned.len() > 390, "{}", thinned.len());
        assert!(thinned.is_sorted_by(|a, b| a < b));
        assert!(thinned.contains(&1000) && thinned.contains(&1001));
        assert_eq!((thinned[0], thinned.last()), (0, Some(&1850)));
        assert_eq!(super::thinned(&prices[..400], 400).len(), 400);
    }

    #[test]
    fn the_target_need_not_be_a_feature() {
        let features = ["Open".to_owned(), "Price".to_owned()];
        let targets = ["Price".to_owned(), "High".to_owned()];
        let used = Used::new(&features, &targets[..1]);
        assert_eq!((used.names.len(), used.features, used.targets), (2, 2, vec![1]));
        let used = Used::new(&features[..1], &targets);
        assert_eq!(
            (used.names, used.features, used.targets),
            (vec!["Open", "Price", "High"], 1, vec![1, 2])
        );
    }

    #[test]
    fn a_hole_of_weeks_is_told_and_a_holiday_is_not() {
        let first = date(2020, 1, 1);
        let days = (0..400).map(|day| first.saturating_add(day.days()));
        let days: Vec<Date> = days.filter(|day| day.weekday().to_monday_zero_offset() < 5).collect();
        let hole = |kept: &dyn Fn(&Date) -> bool| {
            let days: Vec<Date> = days.iter().copied().filter(kept).collect();
            let stock = Series {
                times: Times::days(&days),
                ..series(&[])
            };
            stock.hole()
        };
        // Five days around New Year.
        assert_eq!(hole(&|day| day.day_of_year() > 3 && day.day_of_year() < 365), None);
        assert_eq!(
            hole(&|day| !matches!((day.year(), day.month()), (2020, 3 | 4))).as_deref(),
            Some(
                "test: no day between 2020-02-28 and 2020-05-01 (62 days); windows run across the hole as if there were none"
            )
        );
        // Once a month is no hole, nor is a series of one day.
        let first_monday = |day: &Date| day.day() < 8 && day.weekday().to_monday_zero_offset() == 0;
        assert_eq!(hole(&|day| first_monday(day) && day.year() == 2020 && day.month() < 4), None);
        assert_eq!(hole(&|day| *day == date(2020, 1, 2)), None);
    }
}
