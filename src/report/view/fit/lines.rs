//! Thousands of cells → a line for most of them, and some of what breaks a rule.

use super::super::audit::SubjectView;
use super::super::cells::CellView;
use super::super::{Experiment, Page};
use crate::console::counted;
use crate::report::round;

/// So many of what breaks a rule are named in any case.
const FEWEST_SUBJECTS: usize = 100;

/// What stands around the texts of a cell that has more than a line, around those of an entry, and around one of what breaks a rule.
const CELL_FRAME: usize = 420;
const ENTRY_FRAME: usize = 8;
const SUBJECT_FRAME: usize = 70;

/// What can go of a page.
pub(super) struct Weights {
    /// What each cell has beside its line, of those that have more.
    cells: Vec<usize>,
    /// How many break each rule, and their bytes.
    rules: Vec<(usize, usize)>,
}

impl Weights {
    /// Weighs what cells have, and the lists of what breaks a rule.
    pub(super) fn of(page: &Page) -> Self {
        let subject = |one: &SubjectView| one.name.len() + one.anchor.len() + one.explanation.len() + SUBJECT_FRAME;
        let rules = page.experiments.iter().flat_map(|one| &one.audit);
        Self {
            cells: page
                .experiments
                .iter()
                .flat_map(cells)
                .filter(|cell| !cell.is_line())
                .map(weight)
                .collect(),
            rules: rules
                .map(|rule| (rule.subjects.len(), rule.subjects.iter().map(subject).sum()))
                .collect(),
        }
    }

    /// The bytes that are saved where a share of the cells has more than a line.
    pub(super) fn saved(&self, share: f64) -> usize {
        let lines = self.cells.iter().enumerate().filter(|(place, _)| !is_whole(*place, share));
        let lines: usize = lines.map(|(_, bytes)| bytes).sum();
        let rules = self.rules.iter();
        let rules: usize = rules
            .map(|&(count, bytes)| bytes * (count - named(count, share)) / count.max(1))
            .sum();
        lines + rules
    }
}

fn cells(experiment: &Experiment) -> impl Iterator<Item = &CellView> {
    let groups = experiment.cells.iter().flat_map(|cells| &cells.groups);
    groups.flat_map(|group| &group.cells)
}

/// The bytes of what a cell has beside its line.
pub(super) fn weight(cell: &CellView) -> usize {
    let entries = [&cell.metrics, &cell.key, &cell.provenance].into_iter().flatten();
    let entries: usize = entries.map(|entry| entry.name.len() + entry.text.len() + ENTRY_FRAME).sum();
    let marks = cell
        .marks
        .iter()
        .map(|mark| mark.text.len() + mark.anchor.len() + SUBJECT_FRAME);
    let explanations = cell.explanations.iter().map(String::len);
    let marks: usize = marks.chain(explanations).sum();
    CELL_FRAME + entries + marks + cell.settings.len() + cell.curve.len() + cell.history.len() + cell.record.len()
}

/// Whether the cell at a place has more than a line where a share of them has: evenly over all.
pub(super) fn is_whole(place: usize, share: f64) -> bool {
    let until = |place: usize| (place as f64 * share) as usize;
    until(place + 1) > until(place)
}

/// So many of what breaks a rule are named.
fn named(count: usize, share: f64) -> usize {
    count.min(FEWEST_SUBJECTS + (count.saturating_sub(FEWEST_SUBJECTS) as f64 * share) as usize)
}

/// How many cells have a line alone, in one sentence; empty where all have all of theirs.
pub(in super::super) fn shortened(experiment: &Experiment) -> String {
    let lines = cells(experiment).filter(|cell| cell.is_line()).count();
    if lines == 0 {
        return String::new();
    }
    format!(
        "{} of {} have a line alone: the page has no room for more. Configuration, history, scores and provenance of each are in its \
         record, {}/cells/ID.json.",
        round::count(lines),
        counted(cells(experiment).count(), "cell"),
        experiment.name
    )
}

/// Leaves a share of the cells that have more than a line what they have, and says what is gone of the others. A cell without a
/// record keeps all.
pub(super) fn shorten(page: &mut Page, share: f64) {
    let mut place = 0;
    for experiment in &mut page.experiments {
        let groups = experiment.cells.iter_mut().flat_map(|cells| &mut cells.groups);
        for cell in groups.flat_map(|group| &mut group.cells) {
            if cell.is_line() {
                continue;
            }
            if !is_whole(place, share) && !cell.record.is_empty() {
                *cell = CellView {
                    anchor: std::mem::take(&mut cell.anchor),
                    id: std::mem::take(&mut cell.id),
                    headline: std::mem::take(&mut cell.headline),
                    ..CellView::line(cell.state)
                };
            }
            place += 1;
        }
        experiment.shortened = shortened(experiment);
        for rule in &mut experiment.audit {
            let count = rule.subjects.len();
            let named = named(count, share);
            if named < count {
                rule.subjects.truncate(named);
                rule.subjects.push(SubjectView {
                    name: format!("and {} more", round::count(count - named)),
                    anchor: String::new(),
                    explanation: "The page has no room for all of them.".to_owned(),
                });
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::{sample, view};

    #[test]
    fn a_share_of_cells_keeps_what_it_has_and_the_others_a_line() {
        let experiment = sample::experiment(&sample::study(&[1, 3], 1), ReportSpec::default());
        let whole = view::page(&[experiment]);
        let all = cells(&whole.experiments[0]).count();
        for (share, kept) in [(0.0, 0), (0.5, all / 2), (1.0, all)] {
            let mut page = whole.clone();
            shorten(&mut page, share);
            let cells: Vec<&CellView> = cells(&page.experiments[0]).collect();
            assert_eq!(cells.iter().filter(|cell| !cell.settings.is_empty()).count(), kept);
            assert!(cells.iter().all(|cell| !cell.id.is_empty() && !cell.headline.is_empty()));
            assert_eq!(page.experiments[0].shortened.is_empty(), share == 1.0);
        }
        let weights = Weights::of(&whole);
        assert!(weights.saved(0.0) > weights.saved(0.5) && weights.saved(1.0) == 0);
    }

    #[test]
    fn a_long_list_of_what_breaks_a_rule_ends_with_how_many_are_not_named() {
        let experiment = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let mut page = view::page(&[experiment]);
        let rule = &mut page.experiments[0].audit[0];
        let one = rule.subjects[0].clone();
        rule.subjects = vec![one; 300];
        shorten(&mut page, 0.0);
        let subjects = &page.experiments[0].audit[0].subjects;
        assert_eq!(subjects.len(), FEWEST_SUBJECTS + 1);
        assert_eq!(subjects.last().unwrap().name, "and 200 more");
    }
}
