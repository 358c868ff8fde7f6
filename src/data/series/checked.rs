//! A checked daily series: what every kind of price data is read into, and what windows are cut from.

use jiff::civil::Date;

/// Prices by day, oldest first, only the columns in use.
#[derive(Debug, Clone)]
pub struct Series {
    /// Where it comes from, as `crypto/litecoin.csv`.
    pub source: String,
    /// The days, rising; one for each row.
    pub dates: Vec<Date>,
    /// The features in order, then the target where it is not one of them. All values are finite.
    pub columns: Vec<Column>,
    /// How many of the columns are features.
    pub features: usize,
    /// Which columns are targets, at least one.
    pub targets: Vec<usize>,
    /// The unit of the targets.
    pub unit: String,
    /// Whether a record says what the targets are and how they are scaled.
    pub tells_targets: bool,
    /// The rows as text, unused columns included.
    pub preview: Preview,
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
    /// Features in order, then the target where it is not one of them.
    pub names: Vec<&'a str>,
    /// How many are features.
    pub features: usize,
    /// Which is the target.
    pub target: usize,
}

impl<'a> Used<'a> {
    /// `features` and `target` of a dataset's table.
    pub(super) fn new(features: &'a [String], target: &'a str) -> Self {
        let mut names: Vec<&str> = features.iter().map(String::as_str).collect();
        let target_index = match names.iter().position(|name| *name == target) {
            Some(index) => index,
            None => {
                names.push(target);
                names.len() - 1
            }
        };
        Self {
            features: features.len(),
            target: target_index,
            names,
        }
    }
}

impl Series {
    /// Number of days.
    pub fn rows(&self) -> usize {
        self.dates.len()
    }

    /// The first target by day, in its unit.
    pub fn target(&self) -> &Column {
        &self.columns[self.targets[0]]
    }

    /// For each target the feature that it is, where it is one.
    pub fn target_features(&self) -> Vec<Option<usize>> {
        let feature = |column: &usize| (*column < self.features).then_some(*column);
        self.targets.iter().map(feature).collect()
    }

    /// The longest stretch without a day, said in a sentence, where it is so much longer than the others that days seem to be
    /// missing: over two weeks, and ten times as long as from one day to the next usually. A weekend or a holiday is none.
    pub fn hole(&self) -> Option<String> {
        let mut steps: Vec<(i32, usize)> = self
            .dates
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).get_days())
            .enumerate()
            .map(|(row, days)| (days, row))
            .collect();
        steps.sort_unstable();
        let (usual, (longest, row)) = (steps.get(steps.len() / 2)?.0, *steps.last()?);
        if longest <= 14 || longest < usual.saturating_mul(10) {
            return None;
        }
        let like = steps
            .iter()
            .filter(|(days, _)| *days > 14 && *days >= usual.saturating_mul(10))
            .count();
        let others = match like - 1 {
            0 => String::new(),
            1 => ", and once more for over two weeks".to_owned(),
            more => format!(", and {more} times more for over two weeks"),
        };
        Some(format!(
            "{}: no day between {} and {} ({} days){others}; windows run across the hole as if there were none",
            self.source,
            self.dates[row],
            self.dates[row + 1],
            longest - 1
        ))
    }

    /// A digest of the days and the values in use, in hexadecimal. It depends on neither the file's name nor its format,
    /// and on no column that is not used.
    pub fn digest(&self) -> String {
        let mut digest = blake3::Hasher::new();
        digest.update(&(self.rows() as u64).to_le_bytes());
        digest.update(&(self.columns.len() as u64).to_le_bytes());
        for date in &self.dates {
            digest.update(&date.year().to_le_bytes());
            digest.update(&date.month().to_le_bytes());
            digest.update(&date.day().to_le_bytes());
        }
        for value in self.columns.iter().flat_map(|column| &column.values) {
            digest.update(&value.to_bits().to_le_bytes());
        }
        digest.finalize().to_hex().to_string()
    }

    /// The target over time in at most `points` points: the first, the last, and of each stretch between them the lowest
    /// and the highest. Every row where there are no more than that. `points` must be at least 4.
    pub fn thinned(&self, points: usize) -> Vec<(Date, f64)> {
        let values = &self.target().values;
        let rows = self.rows();
        let point = |row: usize| (self.dates[row], values[row]);
        if rows <= points {
            return (0..rows).map(point).collect();
        }
        let stretches = (points - 2) / 2;
        let inner = rows - 2;
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
        kept.push(rows - 1);
        kept.into_iter().map(point).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    /// A series of one column, `Price`, from the first of January 2020.
    pub(crate) fn series(prices: &[f64]) -> Series {
        let first = date(2020, 1, 1);
        Series {
            source: "test".to_owned(),
            dates: (0..prices.len())
                .map(|day| first.saturating_add((day as i64).days()))
                .collect(),
            columns: vec![Column {
                name: "Price".to_owned(),
                values: prices.to_vec(),
            }],
            features: 1,
            targets: vec![0],
            tells_targets: false,
            unit: "USD".to_owned(),
            preview: Preview {
                header: vec![],
                first: vec![],
                last: vec![],
            },
        }
    }

    #[test]
    fn the_digest_depends_on_days_and_values() {
        let one = series(&[1.0, 2.0, 3.0]);
        assert_eq!(one.digest(), series(&[1.0, 2.0, 3.0]).digest());
        assert_ne!(one.digest(), series(&[1.0, 2.0, 3.000_000_1]).digest());
        let mut other_day = one.clone();
        other_day.dates[2] = date(2020, 1, 4);
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
        let thinned = series(&prices).thinned(400);
        assert!(thinned.len() <= 400 && thinned.len() > 390, "{}", thinned.len());
        assert!(thinned.is_sorted_by(|a, b| a.0 < b.0));
        for extreme in [-5.0, 99.0] {
            assert!(thinned.iter().any(|(_, value)| *value == extreme));
        }
        assert_eq!(thinned[0].0, date(2020, 1, 1));
        assert_eq!(thinned.last().map(|point| point.1), prices.last().copied());
        assert_eq!(series(&prices[..400]).thinned(400).len(), 400);
    }

    #[test]
    fn the_target_need_not_be_a_feature() {
        let features = ["Open".to_owned(), "Price".to_owned()];
        let used = Used::new(&features, "Price");
        assert_eq!((used.names.len(), used.features, used.target), (2, 2, 1));
        let used = Used::new(&features[..1], "Price");
        assert_eq!((used.names.len(), used.features, used.target), (2, 1, 1));
    }

    #[test]
    fn a_hole_of_weeks_is_told_and_a_holiday_is_not() {
        let mut stock = series(&[1.0; 400]);
        stock.dates.retain(|day| day.weekday().to_monday_zero_offset() < 5);
        let days: Vec<Date> = stock.dates.clone();
        // Five days around New Year.
        stock.dates.retain(|day| day.day_of_year() > 3 && day.day_of_year() < 365);
        assert_eq!(stock.hole(), None);
        stock.dates = days;
        stock.dates.retain(|day| !matches!((day.year(), day.month()), (2020, 3 | 4)));
        assert_eq!(
            stock.hole().as_deref(),
            Some(
                "test: no day between 2020-02-28 and 2020-05-01 (62 days); windows run across the hole as if there were none"
            )
        );
        // Once a month is no hole, nor is a series of one day.
        stock
            .dates
            .retain(|day| day.day() < 8 && day.weekday().to_monday_zero_offset() == 0);
        stock.dates.truncate(3);
        assert_eq!(stock.hole(), None);
        stock.dates.truncate(1);
        assert_eq!(stock.hole(), None);
    }
}
