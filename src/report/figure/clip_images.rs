//! `clip_images`: what the steps make of one clip of each class, picture by picture.

use super::scene::Scene;
use super::{Figure, Kind};
use crate::report::DataTable;
use crate::report::draw::svg::{self, Anchor, SMALL, WIDTH};
use crate::store::card::Sequence;

pub(super) const KIND: Kind = Kind {
    title: "The pictures of a clip",
    of_one_dataset: true,
    draw,
};

/// Pictures in a row.
const ACROSS: usize = 5;

/// Space between pictures.
const GAP: f64 = 6.0;

/// One view for each clip that the card has pictures of.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let contents = scene.contents();
    let sequences = contents.and_then(|contents| Some(&contents.pictures.as_ref()?.sequences));
    let figures = sequences.into_iter().flatten().filter_map(|sequence| {
        let class = contents?.classes.get(sequence.class)?;
        Some(figure(scene, &class.name, sequence))
    });
    let figures: Vec<Figure> = figures.collect();
    match figures.is_empty() {
        true => Err("The dataset has not been read yet.".to_owned()),
        false => Ok(figures),
    }
}

fn figure(scene: &Scene, class: &str, sequence: &Sequence) -> Figure {
    let media = &scene.experiment.media;
    let pictures = sequence.pictures.iter();
    let missing = pictures.filter(|file| !media.contains_key(*file)).count();
    let mut ours = format!(
        "Clip {}, of class {class}: its {} {}, in the order of time from left to right and from top to bottom.",
        sequence.item,
        sequence.pictures.len(),
        sequence.shows
    );
    if missing > 0 {
        ours.push_str(&format!(
            " {missing} of them are not in media/ of the experiment's results; a sweep with the data at hand makes them again."
        ));
    }
    let side = (WIDTH - GAP * (ACROSS as f64 - 1.0)) / ACROSS as f64;
    let row_height = side + SMALL + 8.0;
    let mut body = String::new();
    for (place, file) in sequence.pictures.iter().enumerate() {
        let corner = ((place % ACROSS) as f64 * (side + GAP), (place / ACROSS) as f64 * row_height);
        let hover = format!("{} {}", sequence.item, place + 1);
        body.push_str(&svg::picture(corner, side, media.get(file), &hover));
        let (middle, baseline) = (corner.0 + side / 2.0, corner.1 + side + SMALL + 1.0);
        let number = (place + 1).to_string();
        body.push_str(&svg::small(middle, baseline, Anchor::Middle, &number));
    }
    let height = sequence.pictures.len().div_ceil(ACROSS).max(1) as f64 * row_height;
    let rows = sequence.pictures.iter().enumerate().map(|(place, file)| {
        let state = match media.contains_key(file) {
            true => "shown",
            false => "missing",
        };
        let number = (place + 1).to_string();
        [number, format!("media/{file}"), state.to_owned()]
    });
    Figure {
        title: format!("{}: {class}", scene.title()),
        text: ours,
        drawing: Some((body, height)),
        table: DataTable::new(["picture", "file", "state"], rows),
    }
}
