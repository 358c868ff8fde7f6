//! A page → what of it is open when it is opened, so that it is a few screens high, however much an experiment holds.
//!
//! What fits is judged by how high things are on a desk (1280 CSS pixels wide) and on a phone (390), estimated from lengths of
//! texts and rather too high than too low: `tests/browser` measures what comes out.

use serde::Serialize;

use super::height::{self, Height};
use super::{Experiment, Figures};
use crate::console::counted;
use crate::report::round;

/// How much of each part is open, and how much of the rest has a line of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Folds {
    /// Tables of metrics.
    pub tables: Fold,
    /// Models against each other.
    pub comparisons: Fold,
    /// The figures of each declaration.
    pub figures: Vec<FiguresFold>,
    /// Rules of the audit.
    pub rules: Fold,
    /// Whether the settings are open.
    pub settings: bool,
    /// Layers and sizes.
    pub networks: Fold,
    /// The lists of cells, one for each dataset.
    pub cells: Fold,
}

/// A list of things that can be unfolded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Fold {
    /// So many, from the first on, are open.
    pub open: usize,
    /// So many have a line of their own; the others stand together below one.
    pub lines: usize,
    /// That line; empty where it is not needed.
    pub rest: String,
}

/// The figures of one declaration.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct FiguresFold {
    /// So many, from the first on, are open.
    pub open: usize,
    /// The line below which the others stand; empty where there are none.
    pub rest: String,
}

/// So many things that are not open have a line of their own.
const MOST_LINES: usize = 6;

impl Fold {
    fn of(count: usize, open: usize, things: &str) -> Self {
        let lines = count.min(open + MOST_LINES);
        let rest = match count - lines {
            0 => String::new(),
            rest => format!("{} more {things}", round::count(rest)),
        };
        Self { open, lines, rest }
    }
}

/// What is open of a page: what comes first in each part, as long as the page is no higher than it may be.
pub(super) fn of(experiment: &Experiment) -> Folds {
    let mut left = height::MOST.minus(height::of_fixed(experiment));
    let mut take = |height: Height| match left.checked_minus(height) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    // What always has a line is paid for first.
    let lines = [
        experiment.tables.len(),
        experiment.comparisons.len(),
        experiment.networks.len(),
        experiment.cells.len(),
    ];
    let lines: usize = lines.iter().map(|&count| count.min(MOST_LINES + 1)).sum();
    let declared = experiment.figures.iter().filter(|one| one.views.len() > 1).count();
    take(height::LINE.times(lines + declared + experiment.audit.len()));

    let tables: Vec<Height> = experiment.tables.iter().map(height::of_table).collect();
    let comparisons: Vec<Height> = experiment.comparisons.iter().map(height::of_comparison).collect();
    let rules: Vec<Height> = experiment.audit.iter().map(height::of_rule).collect();
    let cells: Vec<Height> = experiment.cells.iter().map(height::of_cells).collect();
    let mut first = |heights: &[Height], most: usize| heights.iter().take(most).take_while(|height| take(**height)).count();
    // One of each before more of any.
    let mut open_tables = first(&tables, 1);
    let mut open_comparisons = first(&comparisons, 1);
    let mut figures = figures_open(&experiment.figures, &mut |heights| first(heights, 1) == 1);
    let impossible = experiment.audit.iter().filter(|rule| rule.severity == "impossible").count();
    let open_rules = first(&rules, impossible);
    let settings = first(&[height::of_settings(experiment)], 1) == 1;
    open_tables += first(&tables[open_tables..], tables.len());
    open_comparisons += first(&comparisons[open_comparisons..], comparisons.len());
    let open_cells = first(&cells, cells.len());
    for (fold, declared) in figures.iter_mut().zip(&experiment.figures) {
        fold.rest = rest_of(&declared.views[fold.open..]);
    }
    Folds {
        tables: Fold::of(tables.len(), open_tables, "tables"),
        comparisons: Fold::of(comparisons.len(), open_comparisons, "comparisons"),
        figures,
        rules: Fold {
            open: open_rules,
            lines: rules.len(),
            rest: String::new(),
        },
        settings,
        networks: Fold::of(experiment.networks.len(), 0, "networks"),
        cells: Fold::of(cells.len(), open_cells, "datasets"),
    }
}

/// The first figure of each declaration, then the second of each, two beside one another as on a desk.
fn figures_open(declared: &[Figures], take: &mut impl FnMut(&[Height]) -> bool) -> Vec<FiguresFold> {
    let mut folds = vec![FiguresFold::default(); declared.len()];
    let longest = declared.iter().map(|one| one.views.len()).max().unwrap_or_default();
    'rounds: for place in 0..longest {
        for (fold, one) in folds.iter_mut().zip(declared) {
            let Some(view) = one.views.get(place).filter(|_| fold.open == place) else {
                continue;
            };
            if !take(&[height::of_figure(view)]) {
                if place == 0 {
                    continue; // a smaller one of another declaration may fit
                }
                break 'rounds;
            }
            fold.open += 1;
        }
    }
    folds
}

/// What figures that are not open show, in a line.
fn rest_of(views: &[crate::report::FigureView]) -> String {
    match views {
        [] => String::new(),
        [only] => only.title.clone(),
        [first, .., last] => format!("{}: {} … {}", counted(views.len(), "figure"), first.title, last.title),
    }
}
