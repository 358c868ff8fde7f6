//! `kind = "borders"`: training, validation and test rows one after the other, as the literature on long horizons cuts its files.
//!
//! A window belongs to the part in which all that it forecasts lies; its lookback may reach back over the border, for what is
//! known by then is known. So no value is forecast in two parts, and no window of the test is lost.

use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{WindowSpec, Windows};
use crate::data::Blame;
use crate::data::series::SplitInTime;
use crate::data::series::time::{Edge, Times};
use crate::number;

/// `kind = "borders"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BordersSpec {
    /// The first rows: what training windows see and forecast.
    pub train: Border,
    /// The rows after them, which validation windows forecast; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Border>,
    /// The rows after these, which test windows forecast; all that are left by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Border>,
    /// Rows from one test window to the next.
    #[serde(
        default = "one",
        deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>",
        skip_serializing_if = "is_one"
    )]
    pub stride: usize,
    /// Printed values that are compared with ours were scored without the last, smaller batch of so many windows: then so are ours,
    /// beside the scores of all windows.
    #[serde(
        default,
        deserialize_with = "number::from_one_or_none::<_, { number::MOST_EXAMPLES }>",
        skip_serializing_if = "Option::is_none"
    )]
    pub paper_batch: Option<usize>,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_one(stride: &usize) -> bool {
    *stride == 1
}

/// Where a part ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Border {
    /// So many rows.
    Rows(usize),
    /// That share of all rows, rounded down.
    Share(f64),
    /// The rows before that time.
    Until(Edge),
}

impl Border {
    /// How many rows the part has that begins at row `from` of those at `times`.
    fn rows(self, times: &Times, from: usize) -> Option<usize> {
        match self {
            Self::Rows(rows) => Some(rows),
            Self::Share(share) => Some((share * times.len() as f64).floor() as usize),
            Self::Until(edge) => {
                let is_before = |at: &i64| times.clock().civil_count(*at) < edge.first();
                times
                    .counts()
                    .partition_point(is_before)
                    .checked_sub(from)
                    .filter(|rows| *rows > 0)
            }
        }
    }
}

impl fmt::Display for Border {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows}"),
            Self::Share(share) => write!(f, "{share:?}"),
            Self::Until(edge) => write!(f, "\"{edge}\""),
        }
    }
}

impl Serialize for Border {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Rows(rows) => rows.serialize(serializer),
            Self::Share(share) => share.serialize(serializer),
            Self::Until(edge) => edge.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Border {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsShareOrTime)
    }
}

struct RowsShareOrTime;

impl<'de> Visitor<'de> for RowsShareOrTime {
    type Value = Border;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(
            "rows, as 8640, a share of all rows, as 0.6, or the time at which the next part begins, as \"2017-06-26\"",
        )
    }

    fn visit_i64<E: Error>(self, rows: i64) -> Result<Border, E> {
        match usize::try_from(rows) {
            Ok(rows) if (1..=number::MOST_DAYS).contains(&rows) => Ok(Border::Rows(rows)),
            _ => Err(E::custom(format!(
                "must be a whole number of rows from 1 to {}, or a share between 0 and 1, found {rows}",
                number::MOST_DAYS
            ))),
        }
    }

    fn visit_u64<E: Error>(self, rows: u64) -> Result<Border, E> {
        self.visit_i64(i64::try_from(rows).unwrap_or(i64::MAX))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Border, E> {
        Edge::deserialize(text.into_deserializer()).map(Border::Until)
    }

    /// TOML's own dates.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Border, A::Error> {
        Edge::deserialize(MapAccessDeserializer::new(map)).map(Border::Until)
    }

    fn visit_f64<E: Error>(self, share: f64) -> Result<Border, E> {
        match 0.0 < share && share < 1.0 {
            true => Ok(Border::Share(share)),
            false => Err(E::custom(format!(
                "must be a share between 0 and 1, or a whole number of rows, found {share:?}"
            ))),
        }
    }
}

impl SplitInTime for BordersSpec {
    fn windows(&self, times: &Times, window: &WindowSpec) -> Result<Windows> {
        let rows = times.len();
        let (lookback, horizon) = (window.lookback, window.horizon);
        let mut border = 0usize;
        let mut part = |name: &str, length: Option<Border>| -> Result<(usize, usize)> {
            let from = border;
            let length = match length {
                None => rows.saturating_sub(from),
                Some(length) => length.rows(times, from).with_context(|| {
                    format!("`split.{name}` = {length} leaves no row: the part before it ends there or later, or the series begins later")
                })?,
            };
            border = from.saturating_add(length);
            ensure!(
                border <= rows,
                "{rows} rows are too few: the borders ask for {border} up to the end of `split.{name}`\n  \
                 help: use a longer series, or lower `split.train`, `split.validation` or `split.test`"
            );
            Ok((from, border))
        };
        let (_, train) = part("train", Some(self.train))?;
        let needed = lookback.saturating_add(horizon);
        if train < needed {
            bail!(
                "`split.train` = {} gives {train} rows, and one training window takes {needed}: {lookback} for the lookback, \
                 {horizon} for the horizon\n  help: raise `split.train`, or lower `window.lookback` or `window.horizon`",
                self.train
            );
        }
        // A window of a later part begins a lookback before it.
        let later = |name: &str, (from, to): (usize, usize)| -> Result<std::ops::Range<usize>> {
            let length = to - from;
            ensure!(
                length >= horizon,
                "`split.{name}` holds {length} rows, and one window forecasts {horizon}\n  help: raise `split.{name}`, or lower \
                 `window.horizon`"
            );
            Ok(from - lookback..to - lookback - horizon + 1)
        };
        let validation = match self.validation {
            Some(length) => later("validation", part("validation", Some(length))?)?,
            None => 0..0,
        };
        let test = later("test", part("test", self.test)?)?;
        Ok(Windows {
            all: rows - lookback - horizon + 1,
            train: 0..train - needed + 1,
            validation,
            test: test.step_by(self.stride).collect(),
            scored_by: 0..train,
            known_from: 0,
        })
    }

    fn origins(&self, horizon: usize) -> Option<usize> {
        match self.test {
            Some(Border::Rows(rows)) => Some((rows + 1).checked_sub(horizon)?.div_ceil(self.stride)),
            _ => None,
        }
    }

    fn has_validation(&self) -> bool {
        self.validation.is_some()
    }

    fn is_at_times(&self) -> bool {
        true
    }

    fn fits_many(&self) -> Result<(), Blame> {
        let parts = [
            ("train", Some(self.train)),
            ("validation", self.validation),
            ("test", self.test),
        ];
        let counted = parts
            .into_iter()
            .find(|(_, border)| border.is_some_and(|border| !matches!(border, Border::Until(_))));
        match counted {
            Some((key, Some(border))) => Err(Blame {
                help: Some("give the time at which the next part begins, as train = \"2017-06-26\""),
                ..Blame::at(
                    key,
                    format!("{border} is another time in each of many series: what one is tested on another would learn"),
                )
            }),
            _ => Ok(()),
        }
    }

    /// Where the test begins depends on it.
    fn without_validation(&mut self) {}

    fn unread_by_baselines(&self) -> &'static [&'static str] {
        &[]
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use jiff::ToSpan;
    use serde_json::json;

    use super::*;

    fn windows(rows: usize, [lookback, horizon]: [usize; 2], split: serde_json::Value) -> Result<Windows> {
        let window: WindowSpec = serde_json::from_value(json!({ "lookback": lookback, "horizon": horizon })).unwrap();
        let split: BordersSpec = serde_json::from_value(split).unwrap();
        split.windows(&days(rows), &window)
    }

    /// So many days from the first of January 2020.
    fn days(count: usize) -> Times {
        let first = jiff::civil::date(2020, 1, 1);
        let days: Vec<_> = (0..count).map(|day| first.saturating_add((day as i64).days())).collect();
        Times::days(&days)
    }

    #[test]
    fn times_are_where_the_next_part_begins() {
        let split = json!({ "train": "2020-02-01", "validation": "2020-02-11", "test": "2020-02-21 00:00" });
        let by_rows = json!({ "train": 31, "validation": 10, "test": 10 });
        assert_eq!(
            windows(60, [3, 2], split.clone()).unwrap(),
            windows(60, [3, 2], by_rows).unwrap()
        );
        let read: BordersSpec = serde_json::from_value(split.clone()).unwrap();
        assert_eq!(json!(read)["validation"], "2020-02-11");
        let told = windows(60, [3, 2], json!({ "train": "2020-02-11", "validation": "2020-02-01" }));
        assert!(
            told.unwrap_err()
                .to_string()
                .contains("`split.validation` = \"2020-02-01\" leaves no row")
        );
        let read = toml::from_str::<BordersSpec>("train = 2020-02-01").unwrap();
        assert_eq!(json!(read)["train"], "2020-02-01");
        let told = serde_json::from_value::<BordersSpec>(json!({ "train": "soon" })).unwrap_err();
        assert!(told.to_string().contains("must be a time such as"), "{told}");
    }

    #[test]
    fn the_windows_of_the_long_horizon_protocol() {
        let split = json!({ "train": 8640, "validation": 2880, "test": 2880 });
        for (horizon, tested) in [(96, 2785), (192, 2689), (336, 2545), (720, 2161)] {
            let windows = windows(17_420, [336, horizon], split.clone()).unwrap();
            assert_eq!(windows.train, 0..8640 - 336 - horizon + 1);
            assert_eq!(windows.validation, 8640 - 336..8640 - 336 + tested);
            assert_eq!((windows.test[0], windows.test.len()), (11_520 - 336, tested));
            assert_eq!(
                windows.test[tested - 1] + 336 + horizon,
                14_400,
                "it ends with the last test row"
            );
            assert_eq!(windows.scored_by, 0..8640);
        }
    }

    #[test]
    fn shares_round_down_and_the_rest_is_the_test() {
        let windows = windows(99, [3, 2], json!({ "train": 0.6, "validation": 0.2, "stride": 4 })).unwrap();
        // 59 rows, 19 rows, 21 rows.
        assert_eq!(windows.train, 0..55);
        assert_eq!(windows.validation, 56..74);
        assert_eq!(windows.test, [75, 79, 83, 87, 91]);
    }

    #[test]
    fn parts_that_are_too_short_are_named() {
        let told = |split| windows(100, [10, 5], split).unwrap_err().to_string();
        assert!(told(json!({ "train": 14, "test": 50 })).contains("one training window takes 15"));
        assert!(told(json!({ "train": 80, "validation": 4 })).contains("`split.validation` holds 4 rows"));
        assert!(told(json!({ "train": 98 })).contains("`split.test` holds 2 rows"));
        assert!(
            told(json!({ "train": 80, "validation": 15, "test": 10 })).contains("ask for 105 up to the end of `split.test`")
        );
    }

    #[test]
    fn what_is_no_border_is_told() {
        let told = |split| serde_json::from_value::<BordersSpec>(split).unwrap_err().to_string();
        assert!(told(json!({ "train": 0 })).contains("from 1 to"));
        assert!(told(json!({ "train": 1.5 })).contains("share between 0 and 1"));
        assert!(told(json!({ "train": true })).contains("rows, as 8640, a share"));
    }
}
