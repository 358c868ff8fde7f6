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

/// No row may be missing between the first and the last, and none may stand beside the calendar. `line` tells the line of a row.
pub(super) fn complete(
    frequency: Frequency,
    times: &Times,
    line: impl Fn(usize) -> usize,
    source: &Source,
    column: &str,
) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let gaps = match gaps(frequency, times) {
        Ok(gaps) => gaps,
        Err(beside) => {
            for (row, told) in beside {
                problems.add(line(row), Some(column), told);
            }
            let usual = usual(times).filter(|usual| Some(*usual) != frequency.length());
            let most = usual.map_or_else(String::new, |usual| format!("most rows are {} apart; ", length(usual)));
            let help = format!(
                "{most}`frequency` in [dataset.NAME] is \"{frequency}\": say another, or \"any\" for rows in no calendar"
            );
            return Err(problems.into_error(source.path().display(), &help));
        }
    };
    for gap in gaps {
        let [first, last] = gap.missing.map(|at| times.clock().written(at));
        let before = times.get(gap.before);
        let told = match gap.count {
            1 => format!("{first} is missing before {before}"),
            count => format!("{first} to {last} ({}) are missing before {before}", counted(count, "row")),
        };
        problems.add(line(gap.before), Some(column), told);
    }
    problems.into_result(
        source.path().display(),
        "add the rows, or allow any with `frequency = \"any\"`",
    )
}

/// A row, and what is to be said of it.
type Beside = Vec<(usize, String)>;

/// Where rows are missing; an error names the rows that stand beside the calendar.
pub(super) fn gaps(frequency: Frequency, times: &Times) -> Result<Vec<Gap>, Beside> {
    let (clock, at) = (times.clock(), times.counts());
    let mut gaps = Vec::new();
    let mut beside = Vec::new();
    if frequency == Frequency::Any {
        return Ok(gaps);
    }
    // Months have the day that the longest of them shows: 31 of those that end with theirs.
    let day = match frequency {
        Frequency::Every(_, Unit::Month) => at.iter().map(|at| clock.civil(*at).day()).max().unwrap_or(1),
        _ => 1,
    };
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

/// The step that most rows are apart.
fn usual(times: &Times) -> Option<i64> {
    let mut steps: Vec<i64> = times.counts().windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let middle = *steps.get(steps.len() / 2)?;
    let alike = steps.iter().filter(|step| **step == middle).count();
    (alike * 2 > steps.len()).then_some(middle)
}
