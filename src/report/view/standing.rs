//! Standings → the first numbers of an experiment.

use serde::Serialize;

use super::{counted, found, heading};
use crate::judge::words;
use crate::metric::{self, Metric};
use crate::report::results::ExperimentResults;
use crate::report::standing::{Choice, Group, Standing, standings};
use crate::report::{metrics, round, select};
use crate::statistics;
use crate::store::record::Stored;

/// So many lines stand first; the tables have the others.
const MOST_ROWS: usize = 12;

/// So many networks of one test have a line each where none is chosen.
const MOST_OPEN: usize = 4;

/// The first numbers of an experiment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct StandingView {
    /// Headings of the columns that say what a line is about.
    pub paths: Vec<String>,
    /// The lines.
    pub rows: Vec<RowView>,
    /// Sentences below them.
    pub notes: Vec<String>,
}

/// One network against the best baseline of its test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RowView {
    /// What it is about.
    pub labels: Vec<String>,
    /// The network.
    pub model: String,
    /// Why this one: `best of 4 by the validation loss`.
    pub chosen: String,
    /// Its test score with interval and metric.
    pub score: String,
    /// How many seeds that is the mean of; empty where the model has none.
    pub seeds: String,
    /// The best baseline; a dash where there is none.
    pub baseline: String,
    /// Why this one, where there are several.
    pub baseline_chosen: String,
    /// Its test score.
    pub baseline_score: String,
    /// What the test between them says, in the words of the comparisons.
    pub verdict: String,
    /// `better`, `limited`, `equal`, `open` or `missing`, as in the comparisons.
    pub outcome: &'static str,
}

/// Makes the first numbers, empty without records, and says what they come to in one sentence.
pub(super) fn view(results: &ExperimentResults) -> (StandingView, String) {
    let standings = standings(&results.records);
    let mut paths: Vec<&str> = Vec::new();
    for (path, _) in standings.iter().flat_map(|one| &one.about) {
        if !paths.contains(&&**path) {
            paths.push(path);
        }
    }
    let mut rows: Vec<RowView> = standings.iter().flat_map(rows).collect();
    let mut notes = notes(&standings);
    if rows.len() > MOST_ROWS {
        let left = rows.len() - MOST_ROWS;
        rows.truncate(MOST_ROWS);
        notes.push(format!("{} more in the tables.", counted(left, "line")));
    }
    let view = StandingView {
        paths: paths.into_iter().map(heading).collect(),
        rows,
        notes,
    };
    let found = found::in_one_sentence(&standings, &view);
    (view, found)
}

fn rows(standing: &Standing) -> Vec<RowView> {
    let chosen = match &standing.choice {
        Choice::Only(_) => "the only network".to_owned(),
        Choice::Validated(_, yardstick, among) => {
            format!("best of {} by {}", round::count(*among), yardstick.words())
        }
        Choice::Open(groups) if groups.len() > MOST_OPEN => return vec![range(standing, groups)],
        Choice::Open(_) => "not chosen: no validation".to_owned(),
        Choice::None => return vec![row(standing, None, "no network was trained".to_owned())],
    };
    let groups = standing.choice.groups().into_iter().enumerate();
    groups.map(|place| row(standing, Some(place), chosen.clone())).collect()
}

fn row(standing: &Standing, place: Option<(usize, &Group)>, chosen: String) -> RowView {
    let dash = || "–".to_owned();
    let test = place.and_then(|(index, _)| standing.rows.get(index));
    let test = test.filter(|_| standing.baseline.is_some());
    RowView {
        labels: labels(standing),
        model: place.map_or_else(dash, |(_, group)| group.name.clone()),
        chosen,
        score: place.map_or_else(dash, |(_, group)| score(&standing.metric, group)),
        seeds: place.map_or_else(String::new, |(_, group)| seeds(group)),
        baseline: standing.baseline.as_ref().map_or_else(dash, |(group, _)| group.name.clone()),
        baseline_chosen: match &standing.baseline {
            Some((_, count)) if *count > 1 => {
                format!("best of {} on the test", round::count(*count))
            }
            _ => String::new(),
        },
        baseline_score: match &standing.baseline {
            Some((group, _)) => score(&standing.metric, group),
            None => dash(),
        },
        verdict: match (test, place) {
            (Some(row), _) => {
                let p = row.found.as_ref().and_then(|found| found.p);
                let p = p.map(|p| format!(" (p {})", round::p_value(p)));
                words::verdict(row.found.as_ref(), &row.pair) + &p.unwrap_or_default()
            }
            (None, Some(_)) => "no baseline to compare with".to_owned(),
            (None, None) => dash(),
        },
        outcome: words::outcome(test.and_then(|row| row.found.as_ref())),
    }
}

/// Many networks of which none is chosen: from where to where their scores reach.
fn range(standing: &Standing, groups: &[Group]) -> RowView {
    let means = || groups.iter().map(|group| group.score.mean);
    let value = |value| round::value(&standing.metric, value);
    let low = value(means().fold(f64::INFINITY, f64::min));
    let high = value(means().fold(f64::NEG_INFINITY, f64::max));
    RowView {
        model: counted(groups.len(), "setting") + " of networks",
        score: format!("{} {low} to {high}", metrics::label(&standing.metric)),
        verdict: "none is chosen, so none is tested here".to_owned(),
        ..row(standing, None, "not chosen: no validation".to_owned())
    }
}

fn labels(standing: &Standing) -> Vec<String> {
    let about = standing.about.iter();
    about.map(|(_, value)| select::show(value)).collect()
}

/// `3 seeds`; nothing where the model knows none.
fn seeds(group: &Group) -> String {
    let has_seed = group.records[0].record.at("seed").is_some();
    match has_seed {
        true => counted(group.score.n, "seed"),
        false => String::new(),
    }
}

/// `RMSE 4.31 ± 0.12 USD`; of one run of a classification the interval that its number of items leaves.
fn score(metric: &str, group: &Group) -> String {
    let record = &group.records[0].record;
    let value = match over_items(metric, &group.records) {
        Some(interval) => format!(
            "{} over {}",
            round::with_bounds(group.score.mean, interval),
            counted(record.predictions.scored().map_or(0, <[_]>::len), record.noun().one)
        ),
        None => round::mean(metric, &group.score),
    };
    let records = group.records.iter().map(|one| &one.record);
    metrics::in_words(metric, &value, records)
}

/// The exact 95 % interval of the share of items that one run classified correctly.
fn over_items(metric: &str, records: &[&Stored]) -> Option<(f64, f64)> {
    let [only] = records else { return None };
    let scored = only
        .record
        .predictions
        .scored()
        .filter(|_| metric::find(metric).is_some_and(Metric::is_share_of_right))?;
    let right = scored.iter().filter(|item| u8::from(item.score >= 0.5) == item.label).count();
    statistics::binomial_interval(right as u64, scored.len() as u64)
}

fn notes(standings: &[Standing]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut say = |applies: bool, note: &str| {
        if applies {
            notes.push(note.to_owned());
        }
    };
    let any = |test: fn(&Standing) -> bool| standings.iter().any(test);
    say(
        any(|one| matches!(one.choice, Choice::Open(_))),
        "Without a validation set nothing but the test set could choose among these networks, so none of them is called the \
         best; `validation` in [split] sets some of the training data aside for that.",
    );
    say(
        any(|one| {
            let mut found = one.rows.iter().filter_map(|row| row.found.as_ref());
            found.any(|found| found.p.is_some())
        }),
        "p values carry Holm's correction over the lines of this list.",
    );
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::metric::Predictions;
    use crate::report::sample;

    fn said(view: &StandingView) -> Vec<String> {
        let line = |row: &RowView| {
            let RowView {
                model,
                chosen,
                score,
                seeds,
                baseline,
                baseline_chosen,
                baseline_score,
                verdict,
                ..
            } = row;
            format!(
                "{} | {model} | {chosen} | {score} | {seeds} | {baseline} | {baseline_chosen} | {baseline_score} | {verdict}",
                row.labels.join(" ")
            )
        };
        view.rows.iter().map(line).collect()
    }

    #[test]
    fn the_first_numbers_of_forecasts() {
        let mut experiment = sample::experiment(&sample::study(&[1, 3], 40), ReportSpec::default());
        for stored in &mut experiment.records {
            // Another dataset has another truth.
            if stored.record.dataset() == "monero"
                && let Predictions::Regression(forecasts) = &mut stored.record.predictions
            {
                for sample in forecasts.samples_mut() {
                    sample.last = (sample.last[0] + 1.0).into();
                    sample.truth.iter_mut().for_each(|value| *value += 1.0);
                    sample.forecast.iter_mut().for_each(|value| *value += 1.0);
                }
            }
            if stored.record.dataset() == "litecoin" && !stored.record.history.is_empty() {
                let value = if stored.record.model() == "lstm" { 1.0 } else { 2.0 };
                let history = &mut stored.record.history;
                history.insert("validation_mse".to_owned(), vec![value; 20]);
            }
        }
        let (view, _) = view(&experiment);
        assert_eq!(view.paths, ["dataset", "horizon"]);
        insta::assert_snapshot!(said(&view).join("\n") + "\n" + &view.notes.join("\n"));
    }

    #[test]
    fn the_first_numbers_of_clips() {
        let experiment = sample::clips::experiment(&sample::clips::study(), ReportSpec::default());
        insta::assert_snapshot!(said(&view(&experiment).0).join("\n"));
    }

    #[test]
    fn many_networks_without_validation_are_one_line() {
        let mut samples = Vec::new();
        for model in ["a", "b", "c", "d", "e"] {
            let cell = sample::study(&[1], 40)[0];
            samples.push(sample::Sample { model, ..cell });
        }
        let experiment = sample::experiment(&samples, ReportSpec::default());
        let lines = said(&view(&experiment).0);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with(" | 5 settings of networks"), "{lines:?}");
        assert!(lines[0].contains("none is chosen"), "{lines:?}");
    }

    #[test]
    fn without_records_there_is_nothing_to_say() {
        let mut experiment = sample::experiment(&sample::study(&[1], 40), ReportSpec::default());
        experiment.records.clear();
        assert_eq!(view(&experiment).0, StandingView::default());
    }
}
