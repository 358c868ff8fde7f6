use super::*;

fn spec(toml: &str) -> SimulatedPricesSpec {
    toml::from_str(toml).unwrap()
}

fn returns(series: &Series) -> Vec<f64> {
    let prices = &series.target().values;
    prices.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect()
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
    assert_eq!(series.times.get(0).to_string(), "2018-01-01");
    assert_eq!(series.times.get(499).to_string(), "2019-05-15");
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
    assert!((variance.sqrt() / 0.02 - 1.0).abs() < 0.05, "{}", variance.sqrt());
    assert!((mean - 0.0003).abs() < 0.0006, "{mean}");
    let together: f64 = squares.windows(2).map(|p| (p[0] - variance) * (p[1] - variance)).sum();
    let apart: f64 = squares.iter().map(|s| (s - variance).powi(2)).sum();
    assert!(together / apart > 0.08, "autocorrelation {}", together / apart);
}

#[test]
fn reversion_keeps_the_price_near_its_line() {
    let series = spec("days = 20000\nstart = 1e3\nvolatility = 0.02\nreversion = 0.3\ndrift = 0.0001");
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
    assert!((beside / variance - 0.7).abs() < 0.03, "{}", beside / variance);
    let without = serde_json::to_value(spec("")).unwrap();
    assert!(without.get("reversion").is_none(), "no key changes where there is none");
}

#[test]
fn a_season_lies_over_the_same_walk() {
    let walk = spec("start = 1e6").series().unwrap();
    let season = spec("start = 1e6\nseason = { amplitude = 0.1, length = 8 }");
    let with_season = season.series().unwrap();
    for (day, (price, walk)) in with_season.target().values.iter().zip(&walk.target().values).enumerate() {
        let eighths = [0.0, 0.5f64.sqrt(), 1.0, 0.5f64.sqrt()];
        let sine = if day % 8 < 4 { eighths[day % 4] } else { -eighths[day % 4] };
        assert!((price / walk - (0.1 * sine).exp()).abs() < 1e-6, "day {day}");
    }
    let without = serde_json::to_value(spec("")).unwrap();
    assert!(without.get("season").is_none(), "no key changes where there is none");
    assert_eq!(spec("season = { amplitude = 0.1 }").season.unwrap().length, 7);
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
        ("features = [\"Close\"]", "simulated prices: there is no column `Close`"),
        ("features = [\"price\"]", "did you mean `Price`?"),
        ("target = \"Date\"", "there is no column `Date`"),
        ("features = []", "`features` is empty"),
        ("features = [\"Open\", \"Open\"]", "lists column `Open` twice"),
        ("days = 9000000", "`days` is too large"),
    ] {
        let error = spec(toml).check().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = spec("drift = 100.0").series().unwrap_err().to_string();
    assert!(error.contains("grow beyond all numbers"), "{error}");
    assert!(toml::from_str::<SimulatedPricesSpec>("drift = nan").is_err());
}
