//! Results → the first thing that a reader asks: how good is the best model, and is it better than a baseline?
//!
//! Nothing but the validation set chooses a model here. Where there is none, no model is named the best.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::comparison::Row;
use super::metrics;
use super::select;
use super::validation::Yardstick;
use crate::judge::{self, Judged, Reach};
use crate::language::configuration::without_seed;
use crate::metric::Predictions;
use crate::statistics::Summary;
use crate::store::record::{Record, Stored};

/// Records that differ in nothing but their seed.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    /// The model, and what tells its settings from others that were tried on the same test.
    pub name: String,
    /// Its records.
    pub records: Vec<&'a Stored>,
    /// The mean over seeds of the deciding metric.
    pub score: Summary,
}

/// How the networks of one test stand to one another.
#[derive(Debug, Clone)]
pub(crate) enum Choice<'a> {
    /// There is one network with one setting: nothing was to be chosen.
    Only(Group<'a>),
    /// The validation set chose among so many.
    Validated(Group<'a>, Yardstick, usize),
    /// Several networks or settings and no validation: none is the best.
    Open(Vec<Group<'a>>),
    /// No network was tested.
    None,
}

/// What came out of one test: the same truth, forecast or told by every model here.
#[derive(Debug, Clone)]
pub(crate) struct Standing<'a> {
    /// Dotted path → value, of what tells this test from the others of the experiment.
    pub about: Vec<(String, Value)>,
    /// The metric.
    pub metric: String,
    /// The networks.
    pub choice: Choice<'a>,
    /// The baseline with the best test score, and how many there are.
    pub baseline: Option<(Group<'a>, usize)>,
    /// Each network that has a place here against that baseline.
    pub rows: Vec<Row>,
}

/// One standing for each test of an experiment, in natural order. p values are corrected (Holm) over all of one metric.
pub(crate) fn standings(records: &[Stored]) -> Vec<Standing<'_>> {
    let mut tests: BTreeMap<String, Vec<&Stored>> = BTreeMap::new();
    for stored in records {
        tests.entry(truth(&stored.record)).or_default().push(stored);
    }
    let tests: Vec<Vec<&Stored>> = tests.into_values().collect();
    let about = about(&tests);
    let mut standings: Vec<Standing> = tests
        .into_iter()
        .zip(about)
        .filter_map(|(records, about)| standing(&records, about))
        .collect();
    standings.sort_by(|a, b| {
        let values = |one: &Standing| -> Vec<Value> { one.about.iter().map(|(_, value)| value.clone()).collect() };
        select::compare(&Value::Array(values(a)), &Value::Array(values(b)))
    });
    let rows = standings.iter_mut().flat_map(|one| &mut one.rows);
    judge::together(rows.filter_map(|row| row.found.as_mut()), Reach::FewItems);
    standings
}

/// What every prediction is held against, as a text that is the same for records of the same test.
fn truth(record: &Record) -> String {
    match &record.predictions {
        Predictions::Regression(forecasts) => forecasts.truth_digest(),
        Predictions::Binary { classes, samples } => {
            let mut hash = blake3::Hasher::new();
            hash.update(format!("{classes:?}").as_bytes());
            for sample in samples.iter() {
                hash.update(sample.name.as_bytes());
                hash.update(&[0, sample.label]);
            }
            hash.finalize().to_hex().to_string()
        }
    }
}

/// What tells each test from the others: the dataset where it does, then as few other settings as it takes.
fn about(tests: &[Vec<&Stored>]) -> Vec<Vec<(String, Value)>> {
    let flat: Vec<Vec<BTreeMap<String, Value>>> = tests
        .iter()
        .map(|test| {
            let settings = test.iter().map(|one| &one.record.configuration);
            settings.map(select::flatten).collect()
        })
        .collect();
    // The value that all records of a test have; those of a model or its training are no matter of the test.
    let value = |test: usize, path: &str| -> Value {
        let mut values = flat[test].iter().map(|settings| settings.get(path));
        let first = values.next().flatten();
        match values.all(|other| other == first) {
            true => first.cloned().unwrap_or_default(),
            false => Value::Null,
        }
    };
    let is_of_test =
        |path: &str| path != "seed" && path != "model" && !path.starts_with("model.") && !path.starts_with("train.");
    let mut candidates = vec!["dataset", "window.horizon"];
    let mut known: BTreeSet<&str> = candidates.iter().copied().collect();
    for path in flat.iter().flatten().flat_map(BTreeMap::keys) {
        if is_of_test(path) && known.insert(path) {
            candidates.push(path);
        }
    }
    let mut abouts = vec![Vec::new(); tests.len()];
    // Tests that the paths so far leave together have one number.
    let mut together = vec![0; tests.len()];
    for path in candidates {
        let values: Vec<Value> = (0..tests.len()).map(|test| value(test, path)).collect();
        // It must tell apart what the paths before it leave together.
        let mut first: BTreeMap<usize, &Value> = BTreeMap::new();
        let tells = |(together, value)| *first.entry(together).or_insert(value) != value;
        if together.iter().copied().zip(&values).any(tells) {
            let mut numbers: BTreeMap<(usize, String), usize> = BTreeMap::new();
            for (together, value) in together.iter_mut().zip(&values) {
                let next = numbers.len();
                *together = *numbers.entry((*together, value.to_string())).or_insert(next);
            }
            for (about, value) in abouts.iter_mut().zip(values) {
                about.push((path.to_owned(), value));
            }
        }
    }
    abouts
}

fn standing<'a>(records: &[&'a Stored], about: Vec<(String, Value)>) -> Option<Standing<'a>> {
    let names = metrics::sorted(records.iter().flat_map(|one| one.record.metrics.keys()));
    let metric = metrics::deciding(&names)?.clone();
    let groups = groups(records, &metric);
    let (networks, baselines): (Vec<Group>, Vec<Group>) =
        groups.into_iter().partition(|group| group.records[0].record.is_trained());
    let badness = |group: &Group| metrics::badness(&metric, group.score.mean);
    let better = |a: &Group, b: &Group| badness(a).total_cmp(&badness(b));
    let count = baselines.len();
    let baseline = baselines.into_iter().min_by(better);
    let choice = choice(networks);
    let rows = choice.groups().into_iter().map(|group| {
        let of = |group: &Group<'a>| group.records.clone();
        let found = baseline
            .as_ref()
            .and_then(|baseline| Judged::alone(&of(group), &of(baseline), &metric));
        let name = |group: &Group| group.records[0].record.model().to_owned();
        Row {
            values: Vec::new(),
            pair: [name(group), baseline.as_ref().map(name).unwrap_or_default()],
            unit: String::new(),
            found,
        }
    });
    let rows: Vec<Row> = rows.collect();
    Some(Standing {
        rows,
        about,
        choice,
        baseline: baseline.map(|baseline| (baseline, count)),
        metric,
    })
}

impl<'a> Choice<'a> {
    /// The networks that have a place of their own.
    pub(crate) fn groups(&self) -> Vec<&Group<'a>> {
        match self {
            Self::Only(group) | Self::Validated(group, ..) => vec![group],
            Self::Open(groups) => groups.iter().collect(),
            Self::None => Vec::new(),
        }
    }
}

/// Records that differ in nothing but their seed, together.
fn groups<'a>(records: &[&'a Stored], metric: &str) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<String, Vec<&'a Stored>> = BTreeMap::new();
    for stored in records {
        groups.entry(stored.record.group()).or_default().push(stored);
    }
    let groups: Vec<Vec<&Stored>> = groups.into_values().collect();
    let settings: Vec<Value> = groups
        .iter()
        .map(|group| without_seed(&group[0].record.configuration))
        .collect();
    // Against the other settings of the same model, not against other models.
    let mut of_models: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        of_models.entry(group[0].record.model()).or_default().push(index);
    }
    let mut named = vec![String::new(); groups.len()];
    for (model, own) in of_models {
        let alike: Vec<Vec<&Value>> = own.iter().map(|&index| vec![&settings[index]]).collect();
        for (index, told) in own.into_iter().zip(select::told_apart(&alike)) {
            named[index] = match told.is_empty() {
                true => model.to_owned(),
                false => format!("{model}, {told}"),
            };
        }
    }
    groups
        .into_iter()
        .zip(named)
        .filter_map(|(records, name)| {
            let score = judge::summary(records.iter().map(|one| &one.record), metric)?;
            Some(Group { name, records, score })
        })
        .collect()
}

fn choice(mut networks: Vec<Group<'_>>) -> Choice<'_> {
    let count = networks.len();
    if count < 2 {
        return networks.pop().map_or(Choice::None, Choice::Only);
    }
    let records: Vec<&Record> = networks
        .iter()
        .flat_map(|group| &group.records)
        .map(|stored| &stored.record)
        .collect();
    let Some(yardstick) = Yardstick::of(&records) else {
        return Choice::Open(networks);
    };
    let values: Option<Vec<f64>> = networks.iter().map(|group| yardstick.of_group(&group.records)).collect();
    let best = values.and_then(|values| (0..count).min_by(|&a, &b| values[a].total_cmp(&values[b])));
    match best {
        Some(best) => Choice::Validated(networks.swap_remove(best), yardstick, count),
        None => Choice::Open(networks),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::sample::Sample;

    fn cell(model: &'static str, seed: Option<u64>, horizon: usize, miss: f64) -> Stored {
        let sample = Sample {
            dataset: "litecoin",
            model,
            horizon,
            seed,
            origins: 40,
            miss,
        };
        sample.record()
    }

    fn validated(mut stored: Stored, value: f64) -> Stored {
        let history = &mut stored.record.history;
        history.insert("validation_mse".to_owned(), vec![value; 20]);
        stored
    }

    #[test]
    fn the_validation_chooses_and_the_test_does_not() {
        let records = [
            validated(cell("lstm", Some(0), 1, 4.0), 1.0),
            validated(cell("lstm", Some(1), 1, 4.0), 1.2),
            validated(cell("hybrid", Some(0), 1, 1.0), 9.0),
            validated(cell("hybrid", Some(1), 1, 1.0), 9.0),
            cell("naive", None, 1, 0.0),
        ];
        let found = standings(&records);
        assert_eq!(found.len(), 1);
        let Choice::Validated(best, yardstick, among) = &found[0].choice else {
            panic!("{:?}", found[0].choice);
        };
        assert_eq!((&*best.name, *among), ("lstm", 2));
        assert_eq!(yardstick.words(), "the validation MSE");
        assert_eq!(best.score.n, 2);
        let Some((baseline, count)) = &found[0].baseline else {
            panic!("one");
        };
        assert_eq!((&*baseline.name, *count), ("naive", 1));
        assert_eq!(found[0].rows.len(), 1);
        assert!(found[0].rows[0].found.is_some());
    }

    #[test]
    fn without_validation_no_model_is_the_best() {
        let records = [
            cell("lstm", Some(0), 1, 4.0),
            cell("hybrid", Some(0), 1, 1.0),
            cell("naive", None, 1, 0.0),
        ];
        let found = standings(&records);
        assert!(matches!(&found[0].choice, Choice::Open(groups) if groups.len() == 2));
        assert_eq!(found[0].rows.len(), 2);
        let alone = standings(&records[..1]);
        assert!(matches!(&alone[0].choice, Choice::Only(_)));
        let baselines = standings(&records[2..]);
        assert!(matches!(&baselines[0].choice, Choice::None));
    }

    #[test]
    fn each_test_stands_alone_and_settings_have_names() {
        let mut other = validated(cell("lstm", Some(0), 1, 4.0), 5.0);
        other.record.configuration["train"]["epochs"] = json!(40);
        let records = [
            validated(cell("lstm", Some(0), 1, 4.0), 3.0),
            other,
            validated(cell("lstm", Some(0), 3, 4.0), 3.0),
        ];
        let found = standings(&records);
        let about: Vec<String> = found.iter().map(|one| format!("{:?}", one.about)).collect();
        assert_eq!(found.len(), 2, "{about:?}");
        assert_eq!(found[1].about, [("window.horizon".to_owned(), json!(3))]);
        assert_eq!(found[0].choice.groups()[0].name, "lstm, train.epochs = 20");
        assert_eq!(found[1].choice.groups()[0].name, "lstm");
    }
}
