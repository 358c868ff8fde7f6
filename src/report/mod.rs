//! Records → audit, tables, figures → one HTML file. Reads `results/` only and never trains.

pub(crate) mod alike; // values of settings → which of many others are alike them
pub(crate) mod audit; // results → what cannot be, and what cannot be concluded
pub(crate) mod best; // rows of a table → the best value, beyond chance
pub(crate) mod comparison; // results → is one model better than another, beyond chance?
pub(crate) mod defaults; // what an experiment shows when its file does not say
pub(crate) mod draw; // shapes, texts and places → SVG
pub(crate) mod figure; // FigureSpec + results → SVG, description, data
pub(crate) mod history; // one cell's history → a small curve
pub(crate) mod html; // view → HTML
pub(crate) mod load; // results/ → results
pub(crate) mod metrics; // a metric's label, unit and better way
pub(crate) mod picture; // pictures below media/ → data URIs
pub(crate) mod results; // what all parts of the report look at: one experiment's card, records, and why cells have none
pub(crate) mod row; // a row of a table
pub(crate) mod select; // where, rows, each: which cells, in which groups, in which order
pub(crate) mod standing; // results → the best model by validation against the best baseline
pub(crate) mod table; // results → rows: means, intervals, printed values, best values
pub(crate) mod titles; // no two titles of an experiment are the same
pub(crate) mod validation; // records → what the validation set says of them
pub(crate) mod view; // all of it → ready-made strings

#[cfg(test)]
pub(crate) mod sample; // made-up results for tests

use std::path::Path;

use crate::judge::round; // numbers → text: all rounding of the report

/// The report on a folder of results: one HTML file that needs nothing else, and a file beside it for each experiment that has no
/// room in it. Files in `templates` take the place of the built-in templates of their names.
///
/// # Errors
/// When the folder or a template cannot be read.
pub fn render(results: &Path, templates: Option<&Path>) -> anyhow::Result<Rendered> {
    let load::Loaded { experiments, unreadable } = load::load(results)?;
    let page = view::Page {
        unreadable: unreadable.clone(),
        ..view::page(&experiments)
    };
    let templates = html::templates(templates)?;
    let divided = view::divide::divided(page, |page| html::fill_in(page, &templates))?;
    Ok(Rendered {
        html: divided.html,
        beside: divided.beside,
        unreadable,
    })
}

/// A report.
pub struct Rendered {
    /// The page.
    pub html: String,
    /// The pages of experiments that have no room in it, by name; `store::beside` says where each is to lie.
    pub beside: Vec<(String, String)>,
    /// What could not be shown, each with its path and the reason; the page says so too.
    pub unreadable: Vec<String>,
}

/// One figure, ready to be placed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FigureView {
    /// Shown above it, as plain text.
    pub title: String,
    /// What it shows, for readers who see it and for those who do not, as plain text.
    pub description: String,
    /// The drawing: the only string that the page takes as markup. Empty where a table says everything.
    pub svg: String,
    /// The numbers behind the drawing.
    pub table: DataTable,
}

/// The numbers behind a figure, as text.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct DataTable {
    /// A heading for each column.
    pub columns: Vec<String>,
    /// Rows of as many texts as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl DataTable {
    /// A table of so many columns.
    pub fn new<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Self {
        Self {
            columns: columns.map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(Vec::from).collect(),
        }
    }
}
