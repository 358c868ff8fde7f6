//! Parts of a page → how high they are, about, in CSS pixels.

use super::audit::RuleView;
use super::cells::CellsOfDataset;
use super::comparison::ComparisonView;
use super::overview::Overview;
use super::table::TableView;
use super::{Entry, Experiment};
use crate::report::FigureView;

/// On a desk, 1280 wide, and on a phone, 390 wide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Height {
    desk: usize,
    phone: usize,
}

/// So high is a page before anything is unfolded, at most; what is estimated may be a little too low.
pub(super) const MOST: Height = Height::new(5600, 11200);

/// The line of something that is folded.
pub(super) const LINE: Height = Height::new(48, 66);

/// The heading of a part.
const HEADING: Height = Height::new(84, 84);

/// What a page has in any case: its title, the frame of its front part, the ends.
const FRAME: Height = Height::new(420, 620);

/// A row of a table, where no text is broken.
const ROW: usize = 36;

/// So many figures stand beside one another on a desk.
const FIGURES_BESIDE: usize = 2;

impl Height {
    const fn new(desk: usize, phone: usize) -> Self {
        Self { desk, phone }
    }

    const fn both(height: usize) -> Self {
        Self::new(height, height)
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.desk + other.desk, self.phone + other.phone)
    }

    /// What is left; nothing where there is not so much.
    pub(super) fn minus(self, other: Self) -> Self {
        Self::new(self.desk.saturating_sub(other.desk), self.phone.saturating_sub(other.phone))
    }

    /// What is left, where there is so much.
    pub(super) fn checked_minus(self, other: Self) -> Option<Self> {
        let desk = self.desk.checked_sub(other.desk)?;
        Some(Self::new(desk, self.phone.checked_sub(other.phone)?))
    }

    /// So many of it below one another.
    pub(super) fn times(self, count: usize) -> Self {
        Self::new(self.desk * count, self.phone * count)
    }
}

fn sum(heights: impl Iterator<Item = Height>) -> Height {
    heights.fold(Height::default(), Height::plus)
}

/// A text, where a desk has room for that many characters a line and a phone for fewer.
fn text(characters: usize, on_desk: usize, on_phone: usize) -> Height {
    let lines = |room: usize| characters.div_ceil(room) * 24;
    Height::new(lines(on_desk), lines(on_phone))
}

/// What is there whatever is folded: the front part and the headings.
pub(super) fn of_fixed(experiment: &Experiment) -> Height {
    let headings = HEADING.times(experiment.parts.len());
    let title = text(experiment.title.len(), 50, 20).times(2);
    let unplanned = text(experiment.unplanned.len(), 110, 44);
    let left_out = experiment.figures.iter().map(|one| text(one.left_out.len(), 110, 44));
    let summary = text(experiment.audit_summary.len() + 320, 110, 44);
    [FRAME, headings, title, unplanned, summary, of_overview(&experiment.overview)]
        .into_iter()
        .chain(left_out)
        .fold(Height::default(), Height::plus)
}

fn of_overview(overview: &Overview) -> Height {
    let standing = &overview.standing;
    let rows = standing.rows.iter().map(|row| {
        // Columns are as wide as words: the longest text is broken into a few.
        let longest = [&row.verdict, &row.chosen, &row.model, &row.score]
            .into_iter()
            .map(|one| one.len());
        let longest = longest.max().unwrap_or_default();
        text(longest, 22, 13).plus(Height::both(40))
    });
    let rows = sum(rows).plus(Height::both(60));
    let notes = standing.notes.iter().map(|note| note.len() + 1).sum();
    let facts: usize = overview
        .facts
        .iter()
        .map(|fact| fact.text.len().max(fact.name.len()) + 8)
        .sum();
    let facts = text(facts, 100, 32).times(2).plus(Height::both(30));
    let tallies = overview.tallies.iter().take(super::MOST_TALLIES).map(|tally| {
        let outcomes: usize = tally.outcomes.iter().map(|one| one.text.len() + 8).sum();
        let question = tally.question.len() + tally.of.len();
        let half = text(question, 48, 40).plus(text(outcomes + tally.caveat.len(), 48, 40));
        let half = half.plus(Height::both(44));
        Height::new(half.desk.div_ceil(2), half.phone)
    });
    let warnings = overview.warnings.iter().map(|one| {
        let beside = text(one.meaning.len().max(one.mark.len() + one.count.len()), 50, 40);
        let below = text(one.mark.len() + one.count.len() + 16, 50, 36);
        Height::new(beside.desk.max(below.desk) + 26, beside.phone + below.phone + 26)
    });
    let failures = overview.failures.iter().take(super::MOST_FAILURES).map(|one| {
        let names: usize = one.cells.iter().map(|cell| cell.name.len() + 2).sum();
        let lines = one.reason.lines().count() * 24;
        let reason = text(one.reason.len() + one.log.len(), 105, 38);
        text(names, 100, 34).plus(reason).plus(Height::both(lines + 30))
    });
    let lists = sum(tallies).plus(sum(warnings)).plus(sum(failures));
    rows.plus(text(notes, 100, 44))
        .plus(facts)
        .plus(lists)
        .plus(Height::both(3 * 50))
}

/// A table of metrics, opened.
pub(super) fn of_table(table: &TableView) -> Height {
    let marks: usize = table.marks.iter().map(|mark| mark.text.len() + 6).sum();
    let row = |row: &super::table::RowView| {
        let marks: usize = row.marks.iter().map(|mark| mark.text.len() + 5).sum();
        let gaps = row.values.iter().any(|value| !value.gap.is_empty());
        let long = row.labels.iter().map(|label| label.len().div_ceil(24)).max().unwrap_or(1);
        Height::both(ROW + 14 * usize::from(gaps) + 20 * long.saturating_sub(1)).plus(text(marks / 8, 60, 60))
    };
    let notes: usize = table.notes.iter().map(|note| note.len() + 1).sum();
    sum(table.rows.iter().map(row))
        .plus(text(table.description.len() + notes, 100, 42))
        .plus(text(marks, 110, 40))
        .plus(Height::new(150, 190))
}

/// Models against each other, opened.
pub(super) fn of_comparison(comparison: &ComparisonView) -> Height {
    let row = |row: &super::comparison::RowView| match row.outcome {
        "limited" => Height::both(2 * ROW),
        _ => Height::both(ROW),
    };
    let notes: usize = comparison.notes.iter().map(|note| note.len() + 1).sum();
    sum(comparison.rows.iter().map(row))
        .plus(text(comparison.description.len() + notes, 100, 42))
        .plus(Height::new(150, 190))
}

/// A figure; on a desk two stand beside one another.
pub(super) fn of_figure(figure: &FigureView) -> Height {
    let texts = text(figure.title.len(), 44, 32).plus(text(figure.description.len(), 62, 46));
    let Some([width, height]) = size_of(&figure.svg) else {
        // A table as wide as the page.
        let rows = Height::both(figure.table.rows.len() * 31 + 130);
        return rows.plus(texts);
    };
    let drawn = |room: f64| (room * height / width).ceil() as usize;
    let whole = Height::new(drawn(440.0), drawn(336.0))
        .plus(texts)
        .plus(Height::new(170, 190));
    Height::new(whole.desk.div_ceil(FIGURES_BESIDE) + 10, whole.phone + 20)
}

/// Width and height of a drawing, as its frame says.
fn size_of(svg: &str) -> Option<[f64; 2]> {
    let (_, rest) = svg.split_once("viewBox=\"0 0 ")?;
    let (size, _) = rest.split_once('"')?;
    let (width, height) = size.split_once(' ')?;
    Some([width.parse().ok()?, height.parse().ok()?])
}

/// A rule of the audit, opened.
pub(super) fn of_rule(rule: &RuleView) -> Height {
    let subject = |one: &super::audit::SubjectView| {
        let (name, reason) = (text(one.name.len(), 46, 40), text(one.explanation.len(), 72, 44));
        Height::new(name.desk.max(reason.desk) + 14, name.phone + reason.phone + 14)
    };
    sum(rule.subjects.iter().map(subject))
        .plus(text(rule.meaning.len(), 110, 42))
        .plus(Height::both(50))
}

/// Settings, opened.
pub(super) fn of_settings(experiment: &Experiment) -> Height {
    let entries = |entries: &[Entry], on_desk: usize, on_phone: usize| {
        let entry = |entry: &Entry| {
            let name = text(entry.name.len(), on_desk / 3, on_phone);
            let text = text(entry.text.len(), on_desk, on_phone);
            Height::new(name.desk.max(text.desk) + 6, name.phone.max(text.phone) + 6)
        };
        sum(entries.iter().map(entry))
    };
    // Beside one another on a desk, two or three.
    let datasets: Vec<Height> = experiment
        .datasets
        .iter()
        .map(|one| entries(&one.facts, 22, 20).plus(Height::both(60)))
        .collect();
    let beside = datasets.chunks(2).map(|pair| {
        let desk = pair.iter().map(|one| one.desk).max().unwrap_or_default();
        Height::new(desk, pair.iter().map(|one| one.phone).sum())
    });
    entries(&experiment.varied, 90, 20).plus(sum(beside)).plus(Height::both(60))
}

/// The list of the cells of a dataset, opened.
pub(super) fn of_cells(cells: &CellsOfDataset) -> Height {
    let group = |group: &super::cells::Group| {
        let line = text(group.title.len() + group.seeds.len() + group.headline.len() + 16, 105, 36);
        line.plus(Height::both(18))
    };
    sum(cells.groups.iter().map(group)).plus(Height::both(30))
}
