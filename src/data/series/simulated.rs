//! `kind = "simulated_prices"`: built-in prices, a geometric random walk with clustered volatility, for the quickstart and
//! the tests.
//!
//! The variance of a day's log return follows GARCH(1,1) (Bollerslev, 1986) around the asked-for volatility, so that calm
//! and wild weeks alternate as they do in real prices; nothing in it can be forecast from the past except the variance.
//! With `reversion` the price goes back to the line of its drift (as the process of Ornstein and Uhlenbeck, 1930), and with a `season`
//! a rhythm lies over it: both can be.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::SeriesSettings;
use super::checked::{Column, Preview, Series, Used};
use super::prices::{check_columns, find_columns};
use super::time::Times;
use super::window::Transform;
use crate::data::Blame;
use crate::number;
use crate::rng;

/// Bumped when the same settings would give other numbers.
pub const VERSION: u32 = 1;

/// The columns on offer, after the dates.
const COLUMNS: [&str; 5] = ["Price", "Open", "High", "Low", "Vol."];
/// The first day.
const FIRST_DAY: Date = date(2018, 1, 1);
/// How much of a day's squared surprise goes into the next day's variance.
const SURPRISE: f64 = 0.1;
/// How much of the variance stays.
const PERSISTENCE: f64 = 0.85;
/// Prices are rounded to 0.001; none is below it, so that every one has a logarithm.
const SMALLEST_PRICE: f64 = 0.001;
/// Units traded on a day without surprise.
const USUAL_VOLUME: f64 = 20_000.0;

/// `kind = "simulated_prices"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPricesSpec {
    /// Number of days.
    #[serde(default = "days", deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub days: usize,
    /// Price of the first day.
    #[serde(default = "start", deserialize_with = "number::positive")]
    pub start: f64,
    /// Standard deviation of a day's log return, on average.
    #[serde(default = "volatility", deserialize_with = "number::moderate_size")]
    pub volatility: f64,
    /// Mean of a day's log return.
    #[serde(default, deserialize_with = "number::moderate")]
    pub drift: f64,
    /// Share of its way back to the line of the drift that the logarithm of the price goes in a day; 0 is a random walk, which never
    /// goes back.
    #[serde(default, deserialize_with = "number::share", skip_serializing_if = "is_zero")]
    pub reversion: f64,
    /// A rhythm over all that; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<SeasonSpec>,
    /// Seed of the series, apart from the training's.
    #[serde(default)]
    pub seed: u64,
    /// The columns that the network sees, in order: of `Price`, `Open`, `High`, `Low`, `Vol.`
    #[serde(default = "price_alone")]
    pub features: Vec<String>,
    /// The column that it forecasts.
    #[serde(default = "price")]
    pub target: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// `season = { amplitude = 0.04, length = 7 }`: prices are those without it times exp(amplitude · sin(2π · day / length)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonSpec {
    /// How far the logarithm of the price goes up and down.
    #[serde(deserialize_with = "number::moderate_size")]
    pub amplitude: f64,
    /// Days until it comes again; of fewer than three the sine would be 0 on each.
    #[serde(default = "week", deserialize_with = "number::between::<_, 3, { number::MOST_DAYS }>")]
    pub length: usize,
}

impl SeasonSpec {
    /// What the price of the walk is multiplied by.
    fn factor(self, day: usize) -> f64 {
        let turn = (day % self.length) as f64 / self.length as f64;
        libm::exp(self.amplitude * libm::sin(std::f64::consts::TAU * turn))
    }
}

fn week() -> usize {
    7
}

fn days() -> usize {
    500
}

fn start() -> f64 {
    50.0
}

fn volatility() -> f64 {
    0.03
}

fn price() -> String {
    COLUMNS[0].to_owned()
}

fn price_alone() -> Vec<String> {
    vec![price()]
}

impl SeriesSettings for SimulatedPricesSpec {
    fn code(&self) -> (&'static str, u32) {
        ("dataset.simulated", VERSION)
    }

    fn check(&self) -> Result<(), Blame> {
        check_columns(&self.features)?;
        if let Err(error) = self.used_columns() {
            let is_feature = self.features.contains(&self.target);
            let known = |name: &String| COLUMNS.contains(&name.as_str());
            let key = if is_feature || !self.features.iter().all(known) {
                "features"
            } else {
                "target"
            };
            return Err(Blame::at(key, format!("{error:#}")));
        }
        match self.last_day() {
            Ok(_) => Ok(()),
            Err(error) => Err(Blame::at("days", format!("{error:#}"))),
        }
    }

    fn feature_count(&self) -> Option<usize> {
        Some(self.features.len())
    }

    fn targets(&self) -> Option<Vec<Option<usize>>> {
        Some(vec![self.features.iter().position(|feature| *feature == self.target)])
    }

    fn read(&self, _: &Path, _: Transform) -> anyhow::Result<Series> {
        self.series()
    }
}

impl SimulatedPricesSpec {
    /// The series: the same for the same settings, and its start the same for any number of days.
    pub fn series(&self) -> anyhow::Result<Series> {
        check_columns(&self.features)?;
        let used = Used::new(&self.features, std::slice::from_ref(&self.target));
        let indices = self.used_columns()?;
        let last_day = self.last_day()?;
        let days = self.simulate()?;
        let dates: Vec<Date> = FIRST_DAY.series(1.day()).take_while(|day| *day <= last_day).collect();
        let columns = used.names.iter().zip(indices).map(|(name, index)| Column {
            name: (*name).to_owned(),
            values: days.iter().map(|day| day[index]).collect(),
        });
        Ok(Series {
            source: format!("simulated prices, seed {}", self.seed),
            columns: columns.collect(),
            many: Vec::new(),
            features: used.features,
            calendar: 0,
            targets: used.targets,
            tells_targets: false,
            publish: true,
            unit: "USD".to_owned(),
            preview: preview(&dates, &days),
            times: Times::days(&dates),
            notes: Vec::new(),
        })
    }

    fn used_columns(&self) -> anyhow::Result<Vec<usize>> {
        let header = COLUMNS.map(str::to_owned);
        let used = Used::new(&self.features, std::slice::from_ref(&self.target));
        find_columns("simulated prices", &header, &used.names)
    }

    fn last_day(&self) -> anyhow::Result<Date> {
        i64::try_from(self.days - 1)
            .ok()
            .and_then(|days| {
                FIRST_DAY
                    .checked_add(jiff::SignedDuration::from_hours(days.checked_mul(24)?))
                    .ok()
            })
            .with_context(|| {
                format!(
                    "`days` is too large: {} days after {FIRST_DAY} there is no calendar",
                    self.days
                )
            })
    }

    /// A row of [`COLUMNS`] for each day.
    fn simulate(&self) -> anyhow::Result<Vec<[f64; 5]>> {
        let mut stream = rng::stream(self.seed, "simulated_prices", 0, 0);
        let usual = self.volatility.powi(2);
        let (mut variance, mut walk, mut price) = (usual, self.start, self.start);
        let mut days = Vec::with_capacity(self.days);
        for day in 0..self.days {
            let deviation = variance.sqrt();
            let surprise = deviation * stream.normal();
            let open = price;
            if day > 0 {
                let mut step = self.drift + surprise;
                if self.reversion > 0.0 {
                    let line = libm::log(self.start) + self.drift * (day - 1) as f64;
                    step -= self.reversion * (libm::log(walk) - line);
                }
                walk *= libm::exp(step);
                price = walk;
            }
            if let Some(season) = self.season {
                price *= season.factor(day);
            }
            let above = libm::exp(0.5 * deviation * stream.normal().abs());
            let below = libm::exp(-0.5 * deviation * stream.normal().abs());
            let busy = libm::exp(0.3 * stream.normal() + 10.0 * surprise.abs());
            let row = [
                round(price),
                round(open),
                round(price.max(open) * above),
                round(price.min(open) * below),
                (USUAL_VOLUME * busy).round().max(1.0),
            ];
            if row.iter().any(|value| !value.is_finite()) {
                bail!(
                    "the simulated prices grow beyond all numbers on day {}: lower `drift` or `volatility`",
                    day + 1
                );
            }
            days.push(row);
            variance = (1.0 - SURPRISE - PERSISTENCE) * usual + SURPRISE * surprise.powi(2) + PERSISTENCE * variance;
        }
        Ok(days)
    }
}

fn round(price: f64) -> f64 {
    ((price * 1000.0).round() / 1000.0).max(SMALLEST_PRICE)
}

fn preview(dates: &[Date], days: &[[f64; 5]]) -> Preview {
    let text = |index: usize| {
        let values = days[index].iter().map(f64::to_string);
        std::iter::once(dates[index].to_string()).chain(values).collect()
    };
    let shown = Preview::ROWS.min(days.len());
    Preview {
        header: std::iter::once("Date").chain(COLUMNS).map(str::to_owned).collect(),
        first: (0..shown).map(text).collect(),
        last: (days.len() - shown..days.len()).map(text).collect(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
