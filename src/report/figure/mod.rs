//! Records → SVG: the kinds of figure. Each is a file beside this one; `draw` has what they are drawn with.

mod answers; // records of a classification → what was answered
mod classification_report;
mod clip_images;
mod confusion_matrix;
mod data_preview;
mod forecast;
mod learning_curves;
mod lines; // records → the lines of one graph
mod metric_by_axis;
mod model_summary;
mod names; // what axes and sentences call a value
mod pipeline;
mod roc_curve;
mod scaling;
mod scene; // what one figure shows: its cells, records, titles
mod windows;
mod wrong_clips;

use super::FigureView;
use super::results::ExperimentResults;
use super::titles;
use crate::spec::report::{FigureKind, FigureSpec};
use scene::{Place, Scene};

/// Draws one figure: almost always one view; a kind that shows cuts or networks gives one for each of them.
type Draw = fn(&Scene) -> Vec<FigureView>;

/// The list of figures.
fn figure(kind: FigureKind) -> Draw {
    match kind {
        FigureKind::DataPreview => data_preview::draw,
        FigureKind::Scaling => scaling::draw,
        FigureKind::Windows => windows::draw,
        FigureKind::LearningCurves => learning_curves::draw,
        FigureKind::Forecast => forecast::draw,
        FigureKind::MetricByAxis => metric_by_axis::draw,
        FigureKind::ModelSummary => model_summary::draw,
        FigureKind::Pipeline => pipeline::draw,
        FigureKind::ClipImages => clip_images::draw,
        FigureKind::ConfusionMatrix => confusion_matrix::draw,
        FigureKind::RocCurve => roc_curve::draw,
        FigureKind::ClassificationReport => classification_report::draw,
        FigureKind::WrongClips => wrong_clips::draw,
    }
}

/// Draws what the declarations of an experiment ask for, each one figure for each combination of the values of its `each`. The
/// same results give the same bytes; what has no records yet is drawn as a note that says so. No two of all these figures have
/// the same title, nor an id inside their drawings.
pub fn render_all(specs: &[FigureSpec], experiment: &ExperimentResults) -> Vec<Vec<FigureView>> {
    let mut rendered: Vec<Vec<FigureView>> = specs
        .iter()
        .zip(places(specs))
        .map(|(spec, place)| draw(spec, &place, experiment))
        .collect();
    titles::numbered(
        rendered
            .iter_mut()
            .flatten()
            .map(|view| &mut view.title)
            .collect(),
    );
    rendered
}

/// Draws what one declaration asks for.
pub fn render(spec: &FigureSpec, experiment: &ExperimentResults) -> Vec<FigureView> {
    draw(spec, &Place::default(), experiment)
}

fn draw(spec: &FigureSpec, place: &Place, experiment: &ExperimentResults) -> Vec<FigureView> {
    Scene::all(spec, place, experiment)
        .iter()
        .flat_map(figure(spec.kind))
        .collect()
}

/// What tells each declaration from those with the same title.
fn places(specs: &[FigureSpec]) -> Vec<Place> {
    let titles: Vec<String> = specs
        .iter()
        .map(|spec| match &*spec.title {
            "" => spec.kind.word(),
            title => title.to_owned(),
        })
        .collect();
    let told: Vec<Vec<String>> = specs
        .iter()
        .map(|spec| {
            vec![
                titles::filter(&spec.filter),
                spec.kind.word().replace('_', " "),
                titles::list(spec.metrics.iter().map(|name| names::long(name))),
                spec.x.clone(),
                spec.lines.clone(),
            ]
        })
        .collect();
    let suffixes = titles::suffixes(&titles, &told);
    suffixes
        .into_iter()
        .enumerate()
        .map(|(index, suffix)| Place {
            suffix,
            copy: specs[..index]
                .iter()
                .filter(|one| **one == specs[index])
                .count(),
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;
