//! The windows of a series, or of each of many: none reaches from one into another.

use anyhow::bail;

use super::{WindowSpec, Windows};
use crate::console;
use crate::data::series::SeriesSplit;
use crate::data::series::checked::{Named, Series};
use crate::data::series::time::Times;

/// The windows of each series, by their rows among those of all; of several trainings those of the first, and the whole test.
pub(super) fn windows_of(series: &Series, window: &WindowSpec, split: &SeriesSplit) -> anyhow::Result<Vec<Windows>> {
    windows_by(series, split, &|times| Windows::of(times, window, split))
}

/// The same of one training, of the test those that it forecasts.
pub(super) fn windows_of_training(
    series: &Series,
    window: &WindowSpec,
    split: &SeriesSplit,
    place: usize,
) -> anyhow::Result<Vec<Windows>> {
    let windows = windows_by(series, split, &|times| Windows::of_training(times, window, split, place))?;
    let known_until = |own: &Windows| series.times.counts()[own.test[0] + window.lookback - 1];
    if split.trainings() > 1
        && let Some(other) = windows.iter().position(|own| known_until(own) != known_until(&windows[0]))
    {
        let told = |place: usize| series.times.get(windows[place].test[0] + window.lookback - 1);
        bail!(
            "training {} would know series `{}` until {}, and `{}` until {}: what one is tested on another would learn\n  help: leave out \
             `refit_every`, or give all series the same times",
            place + 1,
            series.many[0].name,
            told(0),
            series.many[other].name,
            told(other)
        );
    }
    Ok(windows)
}

fn windows_by(
    series: &Series,
    split: &SeriesSplit,
    of: &dyn Fn(&Times) -> anyhow::Result<Windows>,
) -> anyhow::Result<Vec<Windows>> {
    if series.many.is_empty() {
        return Ok(vec![of(&series.times)?]);
    }
    ends_alike(series, split)?;
    let mut found = Vec::with_capacity(series.many.len());
    let mut problems: Vec<(&str, anyhow::Error)> = Vec::new();
    for Named { name, rows } in &series.many {
        match of(&series.times.range(rows.clone())) {
            Ok(windows) => found.push(windows.behind(rows.start)),
            Err(problem) => problems.push((name, problem)),
        }
    }
    let Some((name, problem)) = problems.first() else {
        return Ok(found);
    };
    let names: Vec<&str> = problems[1..].iter().map(|(name, _)| *name).collect();
    let others = match names[..] {
        [] => String::new(),
        _ => format!(
            "\n  so it is with {}, of {} series",
            console::listed(&names, MOST_NAMED),
            series.many.len()
        ),
    };
    bail!("series `{name}`: {problem}{others}")
}

/// Series that are named where something is wrong with more.
const MOST_NAMED: usize = 5;

/// Where the last windows of each series are its test, all must end at one time: else the test of one would be what another learns from.
fn ends_alike(series: &Series, split: &SeriesSplit) -> anyhow::Result<()> {
    if split.is_at_times() {
        return Ok(());
    }
    let last = |one: &Named| series.times.get(one.rows.end - 1);
    let first = &series.many[0];
    let Some(other) = series.many.iter().find(|other| last(other) != last(first)) else {
        return Ok(());
    };
    bail!(
        "the split counts from the end, and series `{}` ends at {}, `{}` at {}: what one is tested on another would learn\n  help: end all with \
         `until`, or split at times, by borders: train = \"{}\" and the like",
        first.name,
        last(first),
        other.name,
        last(other),
        series.times.get((first.rows.start + first.rows.end) / 2)
    )
}
