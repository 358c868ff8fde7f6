//! Records → SVG: the kinds of figure. Each is a file beside this one; `draw` has what they are drawn with.

mod bands; // quantiles → bands
mod classification_report;
mod classified; // records of a classification → what was predicted
mod clip_images;
mod confusion_matrix;
mod coverage; // intervals → the share of values in them
mod data_preview;
mod days; // on which days forecasts lie
mod forecast;
mod learning_curves;
mod lines; // records → the lines of one graph
mod metric_by_axis;
mod model_summary;
mod names; // what axes and sentences call a value
mod pipeline;
mod residuals;
mod roc_curve;
mod scaling;
mod scene; // what one figure shows: its cells, records, titles
mod target; // several targets → a panel each
mod windows;
mod wrong_clips;

use super::draw::frame::Frame;
use super::draw::svg::{self, Drawing};
use super::results::ExperimentResults;
use super::titles;
use super::{DataTable, FigureView};
use crate::language::figure::FigureKind;
use crate::language::report::FigureSpec;
use scene::{Place, Scene};

/// A kind of figure.
struct Kind {
    /// Its title where the file gives none.
    title: &'static str,
    /// Whether its `each` always holds the dataset, as it would mix what cannot be mixed.
    of_one_dataset: bool,
    /// What it shows of a scene, almost always one figure; else a sentence on what is missing.
    draw: fn(&Scene) -> Result<Vec<Figure>, String>,
}

/// The list of figures.
fn kind_of(kind: FigureKind) -> &'static Kind {
    match kind {
        FigureKind::DataPreview => &data_preview::KIND,
        FigureKind::Scaling => &scaling::KIND,
        FigureKind::Windows => &windows::KIND,
        FigureKind::LearningCurves => &learning_curves::KIND,
        FigureKind::Forecast => &forecast::KIND,
        FigureKind::Residuals => &residuals::KIND,
        FigureKind::MetricByAxis => &metric_by_axis::KIND,
        FigureKind::ModelSummary => &model_summary::KIND,
        FigureKind::Pipeline => &pipeline::KIND,
        FigureKind::ClipImages => &clip_images::KIND,
        FigureKind::ConfusionMatrix => &confusion_matrix::KIND,
        FigureKind::RocCurve => &roc_curve::KIND,
        FigureKind::ClassificationReport => &classification_report::KIND,
        FigureKind::WrongClips => &wrong_clips::KIND,
    }
}

/// What a kind shows, without what all figures have alike.
struct Figure {
    title: String,
    /// What it shows, in sentences that follow those of the user.
    text: String,
    /// None where the table says everything.
    drawing: Option<Drawing>,
    /// The numbers behind the drawing.
    table: DataTable,
}

impl Figure {
    /// A chart alone.
    fn chart(title: String, text: String, frame: Frame) -> Self {
        let text = text + &frame.left_out();
        let (drawing, table) = frame.draw(0.0);
        Self {
            title,
            text,
            drawing: Some(drawing),
            table,
        }
    }

    /// Ready to be placed; `part` tells apart several figures of one scene.
    fn view(self, scene: &Scene, part: usize) -> FigureView {
        let description = scene.description(&self.text);
        let svg = self.drawing.map_or_else(String::new, |drawing| {
            svg::document(&scene.id(part), &self.title, &description, &drawing)
        });
        FigureView {
            svg,
            description,
            title: self.title,
            table: self.table,
        }
    }
}

/// The figures of one declaration.
pub(crate) struct OfDeclaration {
    /// In the order of the combinations.
    pub views: Vec<FigureView>,
    /// So many more combinations there are, of which nothing is drawn.
    pub not_drawn: usize,
}

/// So many combinations of one declaration are drawn: nobody looks at more, and a grid can have thousands.
const MOST_COMBINATIONS: usize = 200;

/// Draws what the declarations of an experiment ask for, each one figure for each combination of the values of its `each`. The
/// same results give the same bytes; what has no records yet is drawn as a note that says so. No two of all these figures have
/// the same title, nor an id inside their drawings.
pub(crate) fn render_all(specs: &[FigureSpec], experiment: &ExperimentResults) -> Vec<OfDeclaration> {
    let mut rendered: Vec<OfDeclaration> = specs
        .iter()
        .zip(places(specs))
        .map(|(spec, place)| draw(spec, &place, experiment))
        .collect();
    let views = rendered.iter_mut().flat_map(|one| &mut one.views);
    titles::numbered(views.map(|view| &mut view.title).collect());
    rendered
}

/// Draws what one declaration asks for.
pub(crate) fn render(spec: &FigureSpec, experiment: &ExperimentResults) -> Vec<FigureView> {
    draw(spec, &Place::default(), experiment).views
}

fn draw(spec: &FigureSpec, place: &Place, experiment: &ExperimentResults) -> OfDeclaration {
    let views = |scene: &Scene| -> Vec<FigureView> {
        let figures = (scene.kind.draw)(scene).unwrap_or_else(|missing| vec![scene.without(&missing)]);
        let parts = figures.into_iter().enumerate();
        parts.map(|(part, figure)| figure.view(scene, part)).collect()
    };
    let scenes = Scene::all(spec, place, experiment);
    OfDeclaration {
        views: scenes.iter().take(MOST_COMBINATIONS).flat_map(views).collect(),
        not_drawn: scenes.len().saturating_sub(MOST_COMBINATIONS),
    }
}

/// What tells each declaration from those with the same title.
fn places(specs: &[FigureSpec]) -> Vec<Place> {
    let titles: Vec<String> = specs
        .iter()
        .map(|spec| match &*spec.title {
            "" => spec.kind.word().to_owned(),
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
            copy: specs[..index].iter().filter(|one| **one == specs[index]).count(),
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;
