//! A comparison as people read it on the terminal, and its phrases.

use super::regression::Judgement;
use super::{Change, Comparison, Effect, Experiment, Group, Lacking, Unplanned};
use crate::console::{self, counted};
use crate::judge::round;
use crate::metric;

/// Lists of ids are cut after so many.
pub(super) const MOST_IDS: usize = 20;

/// The most characters of one name or one reason.
const MOST_TEXT: usize = 400;

/// How the terminal shows it.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether it shows colours.
    pub color: bool,
}

impl Look {
    fn painted(self, text: &str, verdict: Change) -> String {
        let code = match verdict.is_good() {
            // Blue and orange, which every kind of colour blindness tells apart.
            Some(true) => "38;5;33",
            Some(false) => "38;5;208",
            None => "2",
        };
        self.styled(text, code)
    }

    fn styled(self, text: &str, code: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The first line: what is compared, and how much of it differs.
pub fn headline(comparison: &Comparison) -> String {
    let (before, after) = (plain(&comparison.before), plain(&comparison.after));
    format!("{before} → {after}: {}", counts(comparison))
}

/// How much of it differs.
pub fn counts(comparison: &Comparison) -> String {
    let [added, removed, changed] = comparison.counts();
    let same = cells(comparison.same);
    if comparison.is_empty() {
        return format!("nothing changed, {same} the same");
    }
    let counted = format!("{changed} changed, {added} added, {removed} removed, {same} the same");
    match comparison.unreadable.len() {
        0 => counted,
        unreadable => format!("{counted}, {} cannot be compared", round::count(unreadable)),
    }
}

/// The whole, for a terminal.
pub fn terminal(comparison: &Comparison, judgement: &Judgement, look: Look) -> String {
    let wrapped = |text: &str, indent: usize| wrap(text, indent, look.width);
    let mut out = look.styled(&wrapped(&headline(comparison), 0), "1");
    for experiment in &comparison.experiments {
        out += &format!(
            "\n\n{}",
            look.styled(&wrapped(&plain(&experiment.name), 0), "1")
        );
        for group in &experiment.groups {
            out += "\n";
            out += &wrapped(&format!("{}{}", plain(&group.id), seeds(group)), 2);
            let settings = group.settings.iter().map(ToString::to_string);
            for line in settings.chain(group.parts.iter().cloned()) {
                out += "\n";
                out += &wrapped(&plain(&line), 4);
            }
            out += &table(&group.effects, look);
            for lacking in &group.lacking {
                out += "\n";
                out += &wrapped(&lack(lacking, group.cells), 4);
            }
        }
        for (sign, what, ids) in ids(experiment) {
            for id in ids.iter().take(MOST_IDS) {
                out += "\n";
                out += &wrapped(&format!("{sign} {}", plain(id)), 2);
            }
            if ids.len() > MOST_IDS {
                out += &format!("\n  {sign} {} more {what}", ids.len() - MOST_IDS);
            }
        }
    }
    let unreadable = comparison.unreadable.iter();
    let unreadable = unreadable.map(|reason| format!("cannot be compared: {}", plain(reason)));
    let unplanned = comparison.unplanned.iter().map(no_longer_planned);
    for line in unreadable.chain(unplanned).chain(judgement.allowed()) {
        out += "\n\n";
        out += &wrapped(&line, 0);
    }
    out + &failures(judgement, look)
}

/// `study has records of 2 cells that it no longer plans: seed=1, seed=2; …`.
pub fn no_longer_planned(unplanned: &Unplanned) -> String {
    let Unplanned {
        experiment, ids, ..
    } = unplanned;
    let shown: Vec<String> = ids.iter().take(MOST_IDS).map(|id| plain(id)).collect();
    let more = match ids.len().saturating_sub(MOST_IDS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} has records of {} that it no longer plans: {}{more}; `runner prune` removes them",
        plain(experiment),
        cells(ids.len()),
        shown.join(", ")
    )
}

/// A name, an id, a setting or a reason as it is shown: on one line, cut, without what a terminal or a browser would act on.
/// Records, file names and references of git may hold anything.
pub(super) fn plain(text: &str) -> String {
    one_line(&console::cut(text, MOST_TEXT))
}

fn one_line(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t', '\u{2028}', '\u{2029}'], " ");
    console::clean(&text).into_owned()
}

/// Text in lines of at most `width` columns, broken at spaces, then at commas, then anywhere; `indent` stands before each, and
/// more before all but the first.
fn wrap(text: &str, indent: usize, width: usize) -> String {
    let text = one_line(text);
    let (mut lines, mut line) = (Vec::new(), " ".repeat(indent));
    let mut is_empty = true;
    for piece in text.split_inclusive([' ', ',']) {
        let fits = |line: &str, piece: &str| {
            line.chars().count() + piece.trim_end().chars().count() <= width.max(indent + 8)
        };
        if !is_empty && !fits(&line, piece) {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
        }
        for letter in piece.chars() {
            if !fits(&line, &letter.to_string()) {
                lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
            }
            line.push(letter);
        }
        is_empty = false;
    }
    lines.push(line);
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

fn failures(judgement: &Judgement, look: Look) -> String {
    let mut lines = Vec::new();
    for one in &judgement.regressions {
        let effect = &one.effect;
        lines.push(format!(
            "regression: {}/{}: {} {} → {}, {}",
            plain(&one.experiment),
            plain(&one.id),
            label(&effect.metric),
            round::number(effect.before),
            round::number(effect.after),
            effect.words
        ));
    }
    let unchecked = judgement.unchecked.iter();
    lines.extend(unchecked.map(|reason| format!("not checked: {reason}")));
    let mut out = String::new();
    for line in lines {
        out += if out.is_empty() { "\n\n" } else { "\n" };
        out += &look.painted(&wrap(&line, 0, look.width), Change::Worse);
    }
    out
}

/// Rows with aligned columns; the verdict goes below its row where the line would be too long.
fn table(effects: &[Effect], look: Look) -> String {
    let rows: Vec<[String; 5]> = effects.iter().map(row).collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for (effect, [label, before, after, change, verdict]) in effects.iter().zip(rows) {
        let [a, b, c, d] = widths;
        let line = format!("    {label:a$}  {before:>b$} → {after:>c$}  {change:>d$}");
        let shown = look.painted(&verdict, effect.verdict);
        let fits = line.chars().count() + 2 + verdict.chars().count() <= look.width;
        if fits {
            out += &format!("\n{line}  {shown}");
            continue;
        }
        // Narrow: the numbers, then what they come to, each in as many lines as it takes.
        let numbers = if line.chars().count() <= look.width {
            line
        } else {
            wrap(
                &format!("{label} {before} → {after} {change}"),
                4,
                look.width,
            )
        };
        let indent = if look.width >= 80 { a + 6 } else { 8 };
        let verdict = look.painted(&wrap(&verdict, indent, look.width), effect.verdict);
        out += &format!("\n{numbers}\n{verdict}");
    }
    out
}

/// What people call a metric; a record may name any.
pub(super) fn label(metric: &str) -> String {
    plain(metric::label(metric))
}

/// Label, before, after, change, verdict.
pub(super) fn row(effect: &Effect) -> [String; 5] {
    [
        label(&effect.metric),
        round::number(effect.before),
        round::number(effect.after),
        round::change(effect.difference, effect.relative),
        effect.words.clone(),
    ]
}

/// `RMSE 4.2 → none`, or which side lacks it in some cells.
pub fn lack(lacking: &Lacking, cells: usize) -> String {
    let value = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), round::number);
    let label = label(&lacking.metric);
    let mut text = format!(
        "{label} {} → {}",
        value(lacking.before),
        value(lacking.after)
    );
    for (side, count) in [
        ("before", lacking.count_before),
        ("after", lacking.count_after),
    ] {
        if count > 0 && count < cells {
            text += &format!(", {count} of {cells} cells have it {side}");
        }
    }
    text
}

/// ` · 2 of 3 seeds changed`, where there are several.
pub fn seeds(group: &Group) -> String {
    match (group.changed.len(), group.cells) {
        (_, 0 | 1) => String::new(),
        (changed, cells) if changed == cells => format!(" · {cells} seeds"),
        (changed, cells) => format!(" · {changed} of {cells} seeds changed"),
    }
}

fn cells(count: usize) -> String {
    counted(count, "cell")
}

pub(super) fn ids(experiment: &Experiment) -> [(&'static str, &'static str, &[String]); 2] {
    [
        ("+", "added", &experiment.added),
        ("-", "removed", &experiment.removed),
    ]
}
