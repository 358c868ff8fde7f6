//! `wrong_clips`: the clips that networks misclassified, the surest mistakes first, with their pictures and scores.

use std::collections::BTreeMap;

use super::classified;
use super::lines::Line;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::report::DataTable;
use crate::report::draw::svg::{self, Anchor, Drawing, SMALL, WIDTH, wrap};
use crate::report::round;

pub(super) const KIND: Kind = Kind {
    title: "Misclassified clips",
    of_one_dataset: true,
    draw,
};

/// So many clips are shown; the table has no more.
const MOST: usize = crate::store::card::MOST_THUMBNAILS;

/// Clips in a row.
const ACROSS: usize = 3;

/// Space between clips.
const GAP: f64 = 14.0;

/// Side of a picture.
const SIDE: f64 = 112.0;

/// One clip and what the lines made of it.
struct Clip<'a> {
    name: &'a str,
    label: u8,
    /// For each line the probability given to the wrong class by each record that has the clip.
    wrong: Vec<Vec<f64>>,
}

impl Clip<'_> {
    /// The surest mistake.
    fn surest(&self) -> f64 {
        self.wrong.iter().flatten().copied().fold(0.0, f64::max)
    }

    /// How many of these probabilities are mistakes. Class 1 is predicted from a score of 0.5 on: a clip of class 0 is misclassified
    /// from there, one of class 1 below.
    fn mistakes<'a>(&self, wrong: impl IntoIterator<Item = &'a f64>) -> usize {
        let is_mistake = |p: &&f64| **p > 0.5 || (**p == 0.5 && self.label == 0);
        wrong.into_iter().filter(is_mistake).count()
    }

    fn all_mistakes(&self) -> usize {
        self.mistakes(self.wrong.iter().flatten())
    }
}

/// One view.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let all = classified::lines(scene);
    let lines = classified::of_networks(&all);
    if lines.is_empty() {
        return Err(classified::NOTHING.to_owned());
    }
    let mut clips = clips(&lines);
    let tested = clips.len();
    clips.retain(|clip| clip.all_mistakes() > 0);
    clips.sort_by(|a, b| {
        b.surest()
            .total_cmp(&a.surest())
            .then_with(|| b.all_mistakes().cmp(&a.all_mistakes()))
            .then_with(|| a.name.cmp(b.name))
    });
    let wrong = clips.len();
    clips.truncate(MOST);
    let mut ours = match wrong {
        0 => format!(
            "Each of the {} test clips was classified correctly by every run.",
            round::count(tested)
        ),
        _ => format!(
            "{} of {} test clips were misclassified by at least one run of a network{}. Below each clip its true class, and for \
             each model how many of its runs were wrong and the highest probability that one gave to the wrong class.",
            round::count(wrong),
            round::count(tested),
            if wrong > MOST {
                format!("; the {MOST} surest mistakes are shown, the surest first")
            } else {
                ", the surest mistake first".to_owned()
            }
        ),
    };
    let media = |clip: &Clip| {
        let pictures = scene.contents()?.pictures.as_ref()?;
        let file = pictures.thumbnails.get(clip.name)?;
        scene.experiment.media.get(file)
    };
    let missing = clips.iter().filter(|clip| media(clip).is_none()).count();
    if missing > 0 {
        ours.push_str(&format!(
            " {missing} of them have no picture in media/ of the experiment's results."
        ));
    }
    let classes = classified::classes(lines[0].records[0]);
    let drawing = if clips.is_empty() {
        svg::notice(std::slice::from_ref(&ours))
    } else {
        pictures(&clips, media, |clip, width| texts(clip, &lines, classes, width))
    };
    Ok(vec![Figure {
        title: scene.title(),
        text: ours,
        drawing: Some(drawing),
        table: table(&clips, &lines, classes),
    }])
}

/// The clips in rows, each with its picture as a data URI and with what is said of it in this width.
fn pictures<'a>(
    clips: &[Clip],
    uri: impl Fn(&Clip) -> Option<&'a String>,
    texts: impl Fn(&Clip, f64) -> Vec<String>,
) -> Drawing {
    let width = (WIDTH - GAP * (ACROSS as f64 - 1.0)) / ACROSS as f64;
    let (mut body, mut y) = (String::new(), 0.0);
    for row in clips.chunks(ACROSS) {
        let texts: Vec<Vec<String>> = row.iter().map(|clip| texts(clip, width)).collect();
        for (column, (clip, texts)) in row.iter().zip(&texts).enumerate() {
            let corner = (column as f64 * (width + GAP), y);
            body.push_str(&svg::picture(corner, SIDE, uri(clip), clip.name));
            for (place, text) in texts.iter().enumerate() {
                let written = if place == 0 { svg::bold } else { svg::small };
                let baseline = y + SIDE + 15.0 * (place as f64 + 1.0);
                body.push_str(&written(corner.0, baseline, Anchor::Start, text));
            }
        }
        let most = texts.iter().map(Vec::len).max().unwrap_or(0);
        y += SIDE + 15.0 * most as f64 + 16.0;
    }
    (body, y)
}

/// Every test clip of the lines, by name.
fn clips<'a>(lines: &[&Line<'a>]) -> Vec<Clip<'a>> {
    let mut clips: BTreeMap<&str, Clip> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate() {
        for item in line.records.iter().flat_map(|one| classified::items(one)) {
            let clip = clips.entry(&item.name).or_insert_with(|| Clip {
                name: &item.name,
                label: item.label,
                wrong: vec![Vec::new(); lines.len()],
            });
            clip.wrong[place].push(if item.label == 0 { item.score } else { 1.0 - item.score });
        }
    }
    clips.into_values().collect()
}

fn texts(clip: &Clip, lines: &[&Line], classes: [&str; 2], width: f64) -> Vec<String> {
    let truth = classes[usize::from(clip.label.min(1))];
    let mut texts = vec![clip.name.to_owned()];
    texts.extend(wrap(&format!("is {truth}"), width, SMALL));
    for (line, wrong) in lines.iter().zip(&clip.wrong) {
        let mistakes = clip.mistakes(wrong);
        if wrong.is_empty() {
            continue;
        }
        let highest = wrong.iter().copied().fold(0.0, f64::max);
        let (name, highest) = (&line.name, round::fixed(highest, 3));
        let text = match wrong.len() {
            1 => format!("{name}: {highest}"),
            n => format!("{name}: {mistakes} of {n} wrong, {highest}"),
        };
        texts.extend(wrap(&text, width, SMALL));
    }
    texts
}

fn table(clips: &[Clip], lines: &[&Line], classes: [&str; 2]) -> DataTable {
    let mut columns = vec!["clip".to_owned(), "true class".to_owned()];
    for line in lines {
        columns.push(format!("{}, wrong runs", line.name));
        columns.push(format!("{}, probability of the wrong class", line.name));
    }
    let rows = clips.iter().map(|clip| {
        let mut row = vec![clip.name.to_owned(), classes[usize::from(clip.label.min(1))].to_owned()];
        for wrong in &clip.wrong {
            let mistakes = clip.mistakes(wrong);
            let scores: Vec<String> = wrong.iter().map(|&p| round::fixed(p, 4)).collect();
            row.push(format!("{mistakes} of {}", wrong.len()));
            row.push(scores.join(", "));
        }
        row
    });
    DataTable {
        rows: rows.collect(),
        columns,
    }
}
