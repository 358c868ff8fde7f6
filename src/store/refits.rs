//! What a record says of the trainings of a walk: a column for each thing, in which a line has the values of all of them.

use anyhow::{Result, ensure};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::metric::lines;

/// One of the trainings of a walk. Those of a baseline have rows and no epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refit {
    /// The first origin that it forecasts from: the last day that it knows.
    pub origin: String,
    /// The origins that it forecasts from.
    pub windows: usize,
    /// The rows that it knows, those of its validation among them.
    pub rows: usize,
    /// What became of a network.
    pub trained: Option<Trained>,
}

/// What became of a network in one of the trainings of a walk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Epochs that it was trained for.
    pub epochs: usize,
    /// Its training loss in the epoch whose weights forecast.
    pub loss: f64,
    /// Its validation loss after that epoch, where it has a validation set.
    pub validation_loss: Option<f64>,
    /// The scaling of each target: what is subtracted, what is divided by.
    pub scales: Vec<[f64; 2]>,
    /// The beginning of the BLAKE3 digest of the weights that forecast, as their file holds them.
    pub weights: String,
}

/// So many characters of a digest tell weights from others.
pub(crate) const DIGEST: usize = 16;

/// The trainings as a record has them: in each column the values of all of them in one line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    epochs: Vec<f64>,
    /// Of each training those of all targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    factor: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    loss: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    offset: Vec<f64>,
    #[serde(with = "lines::names")]
    origins: Vec<String>,
    #[serde(with = "lines::numbers")]
    rows: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::numbers")]
    validation_loss: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::names")]
    weights: Vec<String>,
    #[serde(with = "lines::numbers")]
    windows: Vec<f64>,
}

impl Columns {
    /// # Errors
    /// When some have been trained and others not, or tell of other things.
    fn of(refits: &[Refit]) -> Result<Self> {
        let trained: Vec<&Trained> = refits.iter().filter_map(|refit| refit.trained.as_ref()).collect();
        let validated: Vec<f64> = trained.iter().filter_map(|one| one.validation_loss).collect();
        let is_of_all = |count: usize, all: usize| count == 0 || count == all;
        ensure!(
            is_of_all(trained.len(), refits.len()) && is_of_all(validated.len(), trained.len()),
            "some trainings tell what others do not"
        );
        let number = |count: usize| count as f64;
        let scale = |part: usize| trained.iter().flat_map(|one| &one.scales).map(|scale| scale[part]).collect();
        Ok(Self {
            epochs: trained.iter().map(|one| number(one.epochs)).collect(),
            factor: scale(1),
            loss: trained.iter().map(|one| one.loss).collect(),
            offset: scale(0),
            origins: refits.iter().map(|refit| refit.origin.clone()).collect(),
            rows: refits.iter().map(|refit| number(refit.rows)).collect(),
            validation_loss: validated,
            weights: trained.iter().map(|one| one.weights.clone()).collect(),
            windows: refits.iter().map(|refit| number(refit.windows)).collect(),
        })
    }

    /// # Errors
    /// When the columns are not of one length, or a count is none.
    fn refits(self) -> Result<Vec<Refit>> {
        let count = self.origins.len();
        let targets = self.factor.len() / count;
        let trained = self.epochs.len();
        ensure!(
            [self.rows.len(), self.windows.len()] == [count; 2]
                && [self.loss.len(), self.weights.len()] == [trained; 2]
                && [self.factor.len(), self.offset.len()] == [trained * targets; 2]
                && (trained == 0 || trained == count)
                && (self.validation_loss.is_empty() || self.validation_loss.len() == trained),
            "the columns of its refits are of several lengths"
        );
        let whole = |number: f64| {
            let is_count = number >= 0.0 && number.fract() == 0.0 && number < 1e15;
            ensure!(is_count, "its refits count {number}");
            Ok(number as usize)
        };
        let refit = |place: usize| {
            let trained = (trained > 0).then(|| {
                let scales = place * targets..(place + 1) * targets;
                anyhow::Ok(Trained {
                    epochs: whole(self.epochs[place])?,
                    loss: self.loss[place],
                    validation_loss: self.validation_loss.get(place).copied(),
                    scales: scales.map(|at| [self.offset[at], self.factor[at]]).collect(),
                    weights: self.weights[place].clone(),
                })
            });
            Ok(Refit {
                origin: self.origins[place].clone(),
                windows: whole(self.windows[place])?,
                rows: whole(self.rows[place])?,
                trained: trained.transpose()?,
            })
        };
        (0..count).map(refit).collect()
    }
}

/// For `#[serde(with)]`, of at least one training.
pub(crate) fn serialize<S: Serializer>(refits: &[Refit], serializer: S) -> Result<S::Ok, S::Error> {
    Columns::of(refits).map_err(S::Error::custom)?.serialize(serializer)
}

/// See [`serialize`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Refit>, D::Error> {
    let columns = Columns::deserialize(deserializer)?;
    columns.refits().map_err(D::Error::custom)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Held(#[serde(with = "super")] Vec<Refit>);

    fn refits() -> Vec<Refit> {
        let refit = |origin: &str, rows: usize, loss: f64| Refit {
            origin: origin.to_owned(),
            windows: 5,
            rows,
            trained: Some(Trained {
                epochs: 20,
                loss,
                validation_loss: Some(2.0 * loss),
                scales: vec![[1.5, 0.1], [-2.0, 3.0]],
                weights: "0123456789abcdef".to_owned(),
            }),
        };
        vec![refit("2020-01-01", 100, 0.1), refit("2020-01-06", 105, 1.0 / 3.0)]
    }

    #[test]
    fn each_column_is_a_line_and_comes_back() {
        let written = json!(Held(refits()));
        assert_eq!(written["origins"], "2020-01-01;2020-01-06");
        assert_eq!(written["rows"], "100 105");
        assert_eq!(written["loss"], "0.1 0.3333333333333333");
        assert_eq!(written["offset"], "1.5 -2 1.5 -2");
        let back: Held = serde_json::from_value(written).unwrap();
        assert_eq!(back.0, refits());
        // Those of a baseline.
        let mut untrained = refits();
        untrained.iter_mut().for_each(|refit| refit.trained = None);
        let written = json!(Held(untrained.clone()));
        assert_eq!(
            written,
            json!({ "origins": "2020-01-01;2020-01-06", "rows": "100 105", "windows": "5 5" })
        );
        assert_eq!(serde_json::from_value::<Held>(written).unwrap().0, untrained);
        untrained[0] = refits().remove(0);
        assert!(
            serde_json::to_value(Held(untrained)).is_err(),
            "one was trained and the other not"
        );
    }

    #[test]
    fn columns_of_other_lengths_and_counts_that_are_none_are_refused() {
        let change = |name: &str, line: &str| {
            let mut written = json!(Held(refits()));
            written[name] = Value::from(line);
            serde_json::from_value::<Held>(written).err().map(|error| error.to_string())
        };
        for (name, line) in [
            ("rows", "100"),
            ("epochs", "20"),
            ("loss", "0.1 0.2 0.3"),
            ("offset", "1 2 3"),
            ("validation_loss", "0.1"),
            ("weights", "a"),
        ] {
            assert!(change(name, line).unwrap().contains("of several lengths"), "{name}");
        }
        assert!(change("windows", "5 4.5").unwrap().contains("count 4.5"));
        assert!(change("origins", "a;b").is_none());
    }
}
