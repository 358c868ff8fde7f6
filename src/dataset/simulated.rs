//! `kind = "simulated_prices"`: built-in prices, a geometric random walk with clustered volatility, for the quickstart and
//! the tests.
//!
//! The variance of a day's log return follows GARCH(1,1) (Bollerslev, 1986) around the asked-for volatility, so that calm
//! and wild weeks alternate as they do in real prices; nothing in it can be forecast from the past except the variance.
//! With `reversion` the price goes back to the line of its drift (as the process of Ornstein and Uhlenbeck, 1930), and with a `season`
//! a rhythm lies over it: both can be.

use anyhow::{Context, bail};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::prices::{check_columns, find_columns};
use super::series::{Column, Preview, Series, Used};
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
/// Coins traded on a day without surprise.
const USUAL_VOLUME: f64 = 20_000.0;

/// `kind = "simulated_prices"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPricesSpec {
    /// Number of days.
    #[serde(
        default = "days",
        deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>"
    )]
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
    #[serde(
        default,
        deserialize_with = "number::share",
        skip_serializing_if = "is_zero"
    )]
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
    #[serde(
        default = "week",
        deserialize_with = "number::between::<_, 3, { number::MOST_DAYS }>"
    )]
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

impl SimulatedPricesSpec {
    /// What is wrong with the settings.
    pub fn check(&self) -> anyhow::Result<()> {
        check_columns(&self.features)?;
        self.used_columns()?;
        self.last_day()?;
        Ok(())
    }

    /// The series: the same for the same settings, and its start the same for any number of days.
    pub fn series(&self) -> anyhow::Result<Series> {
        check_columns(&self.features)?;
        let used = Used::new(&self.features, &self.target);
        let indices = self.used_columns()?;
        let last_day = self.last_day()?;
        let days = self.simulate()?;
        let dates: Vec<Date> = FIRST_DAY
            .series(1.day())
            .take_while(|day| *day <= last_day)
            .collect();
        let columns = used.names.iter().zip(indices).map(|(name, index)| Column {
            name: (*name).to_owned(),
            values: days.iter().map(|day| day[index]).collect(),
        });
        Ok(Series {
            source: format!("simulated prices, seed {}", self.seed),
            columns: columns.collect(),
            features: used.features,
            target: used.target,
            unit: "USD".to_owned(),
            preview: preview(&dates, &days),
            dates,
        })
    }

    fn used_columns(&self) -> anyhow::Result<Vec<usize>> {
        let header = COLUMNS.map(str::to_owned);
        let used = Used::new(&self.features, &self.target);
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
            variance = (1.0 - SURPRISE - PERSISTENCE) * usual
                + SURPRISE * surprise.powi(2)
                + PERSISTENCE * variance;
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
        std::iter::once(dates[index].to_string())
            .chain(values)
            .collect()
    };
    let shown = Preview::ROWS.min(days.len());
    Preview {
        header: std::iter::once("Date")
            .chain(COLUMNS)
            .map(str::to_owned)
            .collect(),
        first: (0..shown).map(text).collect(),
        last: (days.len() - shown..days.len()).map(text).collect(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn spec(toml: &str) -> SimulatedPricesSpec {
        toml::from_str(toml).unwrap()
    }

    fn returns(series: &Series) -> Vec<f64> {
        let prices = &series.target().values;
        prices
            .windows(2)
            .map(|pair| libm::log(pair[1] / pair[0]))
            .collect()
    }

    #[test]
    fn the_series_is_fixed_by_the_settings() {
        let series = spec("").series().unwrap();
        assert_eq!((series.rows(), series.features), (500, 1));
        assert_eq!(series.digest(), spec("").series().unwrap().digest());
        assert_ne!(series.digest(), spec("seed = 1").series().unwrap().digest());
        // Held so that a changed simulation is noticed (and VERSION bumped).
        assert_eq!(series.target().values[..4], [50.0, 48.716, 48.657, 48.741]);
        let longer = spec("days = 600").series().unwrap();
        assert_eq!(longer.target().values[..500], series.target().values);
        assert_eq!(series.dates[0], FIRST_DAY);
        assert_eq!(series.dates[499], date(2019, 5, 15));
        assert_eq!(series.preview.first.len(), 5);
        assert_eq!(series.preview.last[4][0], "2019-05-15");
    }

    #[test]
    fn returns_have_the_volatility_asked_for_and_it_clusters() {
        let long = spec("days = 20000\nstart = 1e6\nvolatility = 0.02\ndrift = 0.0003");
        let returns = returns(&long.series().unwrap());
        let count = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let squares: Vec<f64> = returns.iter().map(|r| (r - mean).powi(2)).collect();
        let variance = squares.iter().sum::<f64>() / count;
        assert!(
            (variance.sqrt() / 0.02 - 1.0).abs() < 0.05,
            "{}",
            variance.sqrt()
        );
        assert!((mean - 0.0003).abs() < 0.0006, "{mean}");
        let together: f64 = squares
            .windows(2)
            .map(|p| (p[0] - variance) * (p[1] - variance))
            .sum();
        let apart: f64 = squares.iter().map(|s| (s - variance).powi(2)).sum();
        assert!(
            together / apart > 0.08,
            "autocorrelation {}",
            together / apart
        );
    }

    #[test]
    fn reversion_keeps_the_price_near_its_line() {
        let series =
            spec("days = 20000\nstart = 1e3\nvolatility = 0.02\nreversion = 0.3\ndrift = 0.0001");
        let series = series.series().unwrap();
        let line = |day: usize| libm::log(1e3) + 0.0001 * day as f64;
        let levels: Vec<f64> = series
            .target()
            .values
            .iter()
            .enumerate()
            .map(|(day, price)| libm::log(*price) - line(day))
            .collect();
        let count = levels.len() as f64;
        let variance = levels.iter().map(|level| level * level).sum::<f64>() / count;
        // Of an autoregression of order one: that of its surprises over 1 - 0.7².
        assert!(
            (variance.sqrt() / (0.02 / 0.51f64.sqrt()) - 1.0).abs() < 0.05,
            "{}",
            variance.sqrt()
        );
        let beside = levels.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / count;
        assert!(
            (beside / variance - 0.7).abs() < 0.03,
            "{}",
            beside / variance
        );
        let without = serde_json::to_value(spec("")).unwrap();
        assert!(
            without.get("reversion").is_none(),
            "no key changes where there is none"
        );
    }

    #[test]
    fn a_season_lies_over_the_same_walk() {
        let walk = spec("start = 1e6").series().unwrap();
        let season = spec("start = 1e6\nseason = { amplitude = 0.1, length = 8 }");
        let with_season = season.series().unwrap();
        for (day, (price, walk)) in with_season
            .target()
            .values
            .iter()
            .zip(&walk.target().values)
            .enumerate()
        {
            let eighths = [0.0, 0.5f64.sqrt(), 1.0, 0.5f64.sqrt()];
            let sine = if day % 8 < 4 {
                eighths[day % 4]
            } else {
                -eighths[day % 4]
            };
            assert!(
                (price / walk - (0.1 * sine).exp()).abs() < 1e-6,
                "day {day}"
            );
        }
        let without = serde_json::to_value(spec("")).unwrap();
        assert!(
            without.get("season").is_none(),
            "no key changes where there is none"
        );
        assert_eq!(
            spec("season = { amplitude = 0.1 }").season.unwrap().length,
            7
        );
        for wrong in [
            "{}",
            "{ amplitude = 0.1, length = 2 }",
            "{ amplitude = nan }",
            "{ amplitude = 0.1, phase = 1 }",
        ] {
            assert!(toml::from_str::<SimulatedPricesSpec>(&format!("season = {wrong}")).is_err());
        }
    }

    #[test]
    fn every_day_is_a_possible_one() {
        let all = spec("features = [\"Open\", \"High\", \"Low\", \"Vol.\"]");
        let series = all.series().unwrap();
        let column = |index: usize| &series.columns[index].values;
        let price = &series.target().values;
        for day in 0..series.rows() {
            let (open, high, low) = (column(0)[day], column(1)[day], column(2)[day]);
            assert!(low <= open.min(price[day]) && open.max(price[day]) <= high && low > 0.0);
            assert!(column(3)[day] >= 1.0);
            assert!(day == 0 || open == price[day - 1]);
        }
    }

    #[test]
    fn no_volatility_is_a_straight_line() {
        let prices = spec("days = 3\nvolatility = 0").series().unwrap();
        assert_eq!(prices.target().values, [50.0; 3]);
    }

    #[test]
    fn settings_that_cannot_be_met_are_refused() {
        for (toml, expected) in [
            (
                "features = [\"Close\"]",
                "simulated prices: there is no column `Close`",
            ),
            ("features = [\"price\"]", "did you mean `Price`?"),
            ("target = \"Date\"", "there is no column `Date`"),
            ("features = []", "`features` is empty"),
            (
                "features = [\"Open\", \"Open\"]",
                "lists column `Open` twice",
            ),
            ("days = 9000000", "`days` is too large"),
        ] {
            let error = spec(toml).check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = spec("drift = 100.0").series().unwrap_err().to_string();
        assert!(error.contains("grow beyond all numbers"), "{error}");
        assert!(toml::from_str::<SimulatedPricesSpec>("drift = nan").is_err());
    }
}
