//! Records → SVG: the kinds of figure.

use super::FigureView;
use super::results::ExperimentResults;
use crate::spec::report::FigureSpec;

/// Draws what `spec` asks for: one figure for each combination of the values of its `each`.
pub fn render(_spec: &FigureSpec, _experiment: &ExperimentResults) -> Vec<FigureView> {
    Vec::new()
}
