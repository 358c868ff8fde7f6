//! The times of a series against its calendar: none missing, none beside it.

use super::source::Source;
use crate::console::counted;
use crate::data::series::file::problems::Problems;
use crate::data::series::time::{Frequency, Moment, Times, Unit, length};

/// Rows that are missing between two.
pub(super) struct Gap {
    /// The row after it.
    pub before: usize,
    /// The first time that is missing, and the last.
    pub missing: [i64; 2],
    /// How many are.
    pub count: usize,
}

/// An error where rows are missing. `line` tells the line of a row.
pub(super) fn complete(
    gaps: &[Gap],
    times: &Times,
    line: impl Fn(usize) -> usize,
    source: &Source,
    column: &str,
) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for gap in gaps {
        problems.add(line(gap.before), Some(column), gap.told(times));
    }
    problems.into_result(
        source.path().display(),
        "add the rows; or say what becomes of missing ones: missing = \"previous\", \"interpolate\" or \"drop\"; or let any be missing: \
         frequency = \"any\"",
    )
}

/// The error for rows that stand beside the calendar.
pub(super) fn told_beside(
    beside: Beside,
    frequency: Frequency,
    times: &Times,
    line: impl Fn(usize) -> usize,
    source: &Source,
    column: &str,
) -> anyhow::Error {
    let mut problems = Problems::default();
    for (row, told) in beside {
        problems.add(line(row), Some(column), told);
    }
    let usual = usual(times).filter(|usual| Some(*usual) != frequency.length());
    let most = usual.map_or_else(String::new, |usual| format!("most rows are {} apart; ", length(usual)));
    let help =
        format!("{most}`frequency` in [dataset.NAME] is \"{frequency}\": say another, or \"any\" for rows in no calendar");
    problems.into_error(source.path().display(), &help)
}

impl Gap {
    /// In words.
    pub(super) fn told(&self, times: &Times) -> String {
        let [first, last] = self.missing.map(|at| times.clock().written(at));
        let before = times.get(self.before);
        match self.count {
            1 => format!("{first} is missing before {before}"),
            count => format!("{first} to {last} ({}) are missing before {before}", counted(count, "row")),
        }
    }

    /// The times that are missing.
    pub(super) fn times(&self, frequency: Frequency, times: &Times) -> Vec<i64> {
        let day = day_of_month(frequency, times);
        let next = |at: &i64| {
            frequency
                .after(times.clock(), day, *at)
                .filter(|next| *next <= self.missing[1])
        };
        std::iter::successors(Some(self.missing[0]), next).collect()
    }
}

/// A row, and what is to be said of it.
pub(super) type Beside = Vec<(usize, String)>;

/// Where rows are missing; an error names the rows that stand beside the calendar.
pub(super) fn gaps(frequency: Frequency, times: &Times) -> Result<Vec<Gap>, Beside> {
    let (clock, at) = (times.clock(), times.counts());
    let mut gaps = Vec::new();
    let mut beside = Vec::new();
    if frequency == Frequency::Any {
        return Ok(gaps);
    }
    let day = day_of_month(frequency, times);
    if let Some(first) = at.first().filter(|first| !frequency.allows(clock.civil(**first))) {
        beside.push((0, format!("{} is no business day", clock.written(*first))));
    }
    for (row, pair) in at.windows(2).enumerate() {
        let [from, to] = *pair else { continue };
        if frequency.is_a_step(clock, from, to) {
            continue;
        }
        if !frequency.allows(clock.civil(to)) {
            beside.push((row + 1, format!("{} is no business day", clock.written(to))));
            continue;
        }
        let told = |moment: Moment| format!("{moment} is no multiple of {frequency} after {}", times.get(row));
        match missing(frequency, times, day, from, to) {
            None => beside.push((row + 1, told(times.get(row + 1)))),
            Some((_, _, 0)) => {}
            Some((first, last, count)) => gaps.push(Gap {
                before: row + 1,
                missing: [first, last],
                count,
            }),
        }
    }
    if beside.is_empty() { Ok(gaps) } else { Err(beside) }
}

/// The first and the last time that are missing between two, and how many are; none where the second is not in the calendar.
fn missing(frequency: Frequency, times: &Times, day: i8, from: i64, to: i64) -> Option<(i64, i64, usize)> {
    let clock = times.clock();
    let first = frequency.after(clock, day, from)?;
    if first == to {
        return Some((first, first, 0));
    }
    // A step of real time is counted at once.
    if let Frequency::Every(_, Unit::Second | Unit::Minute | Unit::Hour) = frequency {
        let step = frequency.length()?;
        let steps = (to - from) / step;
        return ((to - from) % step == 0).then_some((first, to - step, (steps - 1) as usize));
    }
    let (mut last, mut count) = (first, 0);
    let mut next = first;
    while next < to {
        (last, count) = (next, count + 1);
        next = frequency.after(clock, day, next)?;
    }
    (next == to).then_some((first, last, count))
}

/// The day that months have in a monthly calendar: the first row's, or where that is the last of its month the largest of all, as 31 of
/// months that end with theirs.
fn day_of_month(frequency: Frequency, times: &Times) -> i8 {
    let clock = times.clock();
    let mut days = times.counts().iter().map(|at| clock.civil(*at).date());
    match (frequency, days.next()) {
        (Frequency::Every(_, Unit::Month), Some(first)) if first.day() == first.days_in_month() => {
            days.map(|day| day.day()).fold(first.day(), i8::max)
        }
        (_, Some(first)) => first.day(),
        (_, None) => 1,
    }
}

/// The step that most rows are apart.
fn usual(times: &Times) -> Option<i64> {
    let mut steps: Vec<i64> = times.counts().windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let middle = *steps.get(steps.len() / 2)?;
    let alike = steps.iter().filter(|step| **step == middle).count();
    (alike * 2 > steps.len()).then_some(middle)
}
