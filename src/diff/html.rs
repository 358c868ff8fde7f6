//! What is said of a comparison, as one HTML file that needs nothing else: with both learning curves of each group in one graph.

use anyhow::Context as _;
use serde::Serialize;
use tera::{Context, Tera};

use super::Comparison;
use super::curves::curves;
use super::document::Document;
use crate::report::FigureView;

/// The templates; everything that they place is escaped, but for the drawings.
const TEMPLATES: [(&str, &str); 3] = [
    ("diff.html", include_str!("../../templates/diff.html")),
    ("style.css", include_str!("../../templates/style.css")),
    ("diff.css", include_str!("../../templates/diff.css")),
];

#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    document: &'a Document,
    /// Of each section by its number.
    figures: Vec<Vec<FigureView>>,
}

/// The page; the drawings are those of the comparison that the document is about.
///
/// # Errors
/// When the template asks for what the document does not have.
pub(crate) fn html(document: &Document, comparison: &Comparison) -> anyhow::Result<String> {
    let page = Page {
        document,
        figures: curves(comparison),
    };
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES)
        .context("the built-in templates do not fit together")?;
    let context = Context::from_serialize(&page).context("the document has no JSON form")?;
    tera.render("diff.html", &context)
        .context("cannot fill the template of a comparison in")
}
