//! A comparison as people read it on the terminal, and its phrases.

use super::regression::Regression;
use super::{Comparison, Effect, Experiment, Group, Verdict};
use crate::report::{metrics, round};

/// Lists of ids are cut after so many.
pub(super) const MOST_IDS: usize = 20;

/// How the terminal shows it.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether it shows colours.
    pub color: bool,
}

impl Look {
    fn painted(self, text: &str, verdict: Verdict) -> String {
        let code = match verdict {
            // Blue and orange, which every kind of colour blindness tells apart.
            Verdict::Better | Verdict::BetterUntested => "38;5;33",
            Verdict::Worse | Verdict::WorseUntested => "38;5;208",
            _ => "2",
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
    let (before, after) = (&comparison.before, &comparison.after);
    format!("{before} → {after}: {}", counts(comparison))
}

/// How much of it differs.
pub fn counts(comparison: &Comparison) -> String {
    let [added, removed, changed] = comparison.counts();
    let same = cells(comparison.same);
    if comparison.is_empty() {
        format!("nothing changed, {same} the same")
    } else {
        format!("{changed} changed, {added} added, {removed} removed, {same} the same")
    }
}

/// The whole, for a terminal.
pub fn terminal(comparison: &Comparison, regressions: &[Regression], look: Look) -> String {
    let mut out = look.styled(&headline(comparison), "1");
    for experiment in &comparison.experiments {
        out += &format!("\n\n{}", look.styled(&experiment.name, "1"));
        for group in &experiment.groups {
            out += &format!("\n  {}{}", group.id, seeds(group));
            for setting in &group.settings {
                out += &format!("\n    {setting}");
            }
            for part in &group.parts {
                out += &format!("\n    {part}");
            }
            out += &table(&group.effects, look);
        }
        for (sign, what, ids) in ids(experiment) {
            for id in ids.iter().take(MOST_IDS) {
                out += &format!("\n  {sign} {id}");
            }
            if ids.len() > MOST_IDS {
                out += &format!("\n  {sign} {} more {what}", ids.len() - MOST_IDS);
            }
        }
    }
    for reason in &comparison.unreadable {
        out += &format!("\n\ncannot be compared: {reason}");
    }
    out + &failures(regressions, look)
}

fn failures(regressions: &[Regression], look: Look) -> String {
    let mut out = String::new();
    for one in regressions {
        let effect = &one.effect;
        let line = format!(
            "regression: {}/{}: {} {} → {}, {}",
            one.experiment,
            one.id,
            metrics::label(&effect.metric),
            round::number(effect.before),
            round::number(effect.after),
            verdict(effect)
        );
        out += if out.is_empty() { "\n\n" } else { "\n" };
        out += &look.painted(&line, Verdict::Worse);
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
        let between = if fits {
            "  ".to_owned()
        } else {
            format!("\n      {:a$}", "")
        };
        out += &format!("\n{line}{between}{shown}");
    }
    out
}

/// Label, before, after, change, verdict.
pub(super) fn row(effect: &Effect) -> [String; 5] {
    [
        metrics::label(&effect.metric),
        round::number(effect.before),
        round::number(effect.after),
        change(effect),
        verdict(effect),
    ]
}

/// `−0.61 (−13.5 %)`.
pub fn change(effect: &Effect) -> String {
    let sign = if effect.difference > 0.0 { "+" } else { "" };
    let difference = format!("{sign}{}", round::number(effect.difference));
    match effect.relative {
        // Less than a twentieth of a percent would read as none, more than a hundredfold as noise.
        Some(relative) if (0.0005..100.0).contains(&relative.abs()) => {
            let percent = format!("{:+.1} %", 100.0 * relative).replace('-', "−");
            format!("{difference} ({percent})")
        }
        _ => difference,
    }
}

/// `worse, beyond chance (p 0.012, 40 origins)`.
pub fn verdict(effect: &Effect) -> String {
    let about = match effect.p {
        Some(p) => format!("p {}, {}", round::p_value(p), effect.pairs),
        None => effect.pairs.clone(),
    };
    let about = if about.is_empty() {
        String::new()
    } else {
        format!(" ({about})")
    };
    match effect.verdict {
        Verdict::Equal => "numerically equal".to_owned(),
        Verdict::Better => format!("better, beyond chance{about}"),
        Verdict::Worse => format!("worse, beyond chance{about}"),
        Verdict::NoDifference => format!("no difference beyond chance{about}"),
        Verdict::BetterUntested => format!("better, chance cannot be told{about}"),
        Verdict::WorseUntested => format!("worse, chance cannot be told{about}"),
        Verdict::WithinTolerance => format!("within 1 %, chance cannot be told{about}"),
    }
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
    match count {
        1 => "1 cell".to_owned(),
        count => format!("{} cells", round::count(count)),
    }
}

pub(super) fn ids(experiment: &Experiment) -> [(&'static str, &'static str, &[String]); 2] {
    [
        ("+", "added", &experiment.added),
        ("-", "removed", &experiment.removed),
    ]
}
