//! Clips → small pictures for the report: what the steps make of one clip of each class, and the clips that networks told
//! wrongly.

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use crate::console;
use crate::data::clips::{self, CHANNELS, Clip, ClipList, Images, Step};
use crate::files::Place;
use crate::language::Experiment;
use crate::language::figure::FigureKind;
use crate::metric::Predictions;
use crate::store::card::{Card, MOST_MEDIA_BYTES, MOST_THUMBNAILS, SequenceCard};
use crate::store::key::digest_of;
use crate::store::paths::Results;
use crate::store::record::Record;

/// Longest side of a picture, where that is small enough a file.
const SIDE: u32 = 128;

/// Where the pictures of an experiment go.
pub(super) struct Album<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) results: &'a Results,
    /// Name of the dataset, which the files' names begin with.
    pub(super) dataset: &'a str,
}

impl Album<'_> {
    /// Pictures of the first clip of each class, as the steps before the normalisation make them. Clips that cannot be read have
    /// none; the cells that need them fail and say why.
    pub(super) fn sequences(&self, list: &ClipList, steps: &[Step]) -> Result<Vec<SequenceCard>> {
        let mut sequences = Vec::new();
        if !self.shows(FigureKind::ClipImages) {
            return Ok(sequences);
        }
        for label in [0, 1] {
            let clip = list.clips.iter().find(|clip| clip.label == label);
            let Some(clip) = clip else { continue };
            let differences = steps.contains(&Step::PairDifference);
            let images = clip
                .frames(clips::frame_count(steps))
                .and_then(|frames| clips::run_until_normalise(steps, frames));
            let images = match images {
                Ok(images) => images,
                Err(error) => {
                    console::say(&format!("warning: no pictures of the clip {}: {error:#}", clip.name));
                    continue;
                }
            };
            let pictures = (0..images.count).map(|number| {
                let file = format!("{}-class{label}-{number:02}.png", self.dataset);
                self.keep(&file, &images, number)?;
                Ok(file)
            });
            sequences.push(SequenceCard {
                clip: clip.name.clone(),
                label,
                pictures: pictures.collect::<Result<_>>()?,
                step: if differences { "difference images" } else { "frames" }.to_owned(),
            });
        }
        Ok(sequences)
    }

    /// A picture of each clip that is among the surest mistakes of a network: clip → file. Those of `known` are kept as they are.
    pub(super) fn thumbnails(&self, list: &ClipList, known: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
        let mut thumbnails = BTreeMap::new();
        if !self.shows(FigureKind::WrongClips) {
            return Ok(thumbnails);
        }
        for name in self.surest_mistakes() {
            let Some(clip) = list.clips.iter().find(|clip| clip.name == name) else {
                continue;
            };
            let file = format!("{}-clip-{}.png", self.dataset, &clip.digest[..12]);
            let kept = known.get(&name) == Some(&file) && self.holds(&file);
            if kept || self.thumbnail(clip, &file)? {
                thumbnails.insert(name, file);
            }
        }
        Ok(thumbnails)
    }

    /// Whether there is a picture of that name; an unreadable one is made again.
    pub(super) fn holds(&self, file: &str) -> bool {
        let place = self.place(file);
        place.is_ok_and(|place| matches!(place.read(MOST_MEDIA_BYTES as u64), Ok(Some(_))))
    }

    fn place(&self, file: &str) -> Result<Place> {
        self.results.media(&self.experiment.name)?.join(file)
    }

    /// Whether the report has such a figure; one without any is given the usual ones.
    fn shows(&self, kind: FigureKind) -> bool {
        let figures = &self.experiment.report.figure;
        figures.is_empty() || figures.iter().any(|figure| figure.kind == kind)
    }

    /// The fifth frame, or the first of a shorter clip; whether there is one.
    fn thumbnail(&self, clip: &Clip, file: &str) -> Result<bool> {
        match clip.frames(5).or_else(|_| clip.frames(1)) {
            Ok(frames) => self.keep(file, &frames, frames.count - 1).map(|()| true),
            Err(error) => {
                console::say(&format!("warning: no picture of the clip {}: {error:#}", clip.name));
                Ok(false)
            }
        }
    }

    /// The clips that networks misclassified with the highest probability, for each split on its own.
    fn surest_mistakes(&self) -> Vec<String> {
        let mut by_split: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for cell in &self.experiment.cells {
            if cell.dataset_name != self.dataset || !cell.model.trains() {
                continue;
            }
            // A record that is absent or broken is run again; it has no mistakes to show.
            let Ok(Some(record)) = Record::read(self.results, &cell.experiment, &cell.id) else {
                continue;
            };
            let Predictions::Binary { samples, .. } = &record.predictions else {
                continue;
            };
            let surest = by_split.entry(digest_of(&record.configuration["split"])).or_default();
            for item in samples {
                let wrong = if item.label == 0 { item.score } else { 1.0 - item.score };
                if u8::from(item.score >= 0.5) != item.label {
                    let most = surest.entry(item.name.clone()).or_insert(wrong);
                    *most = most.max(wrong);
                }
            }
        }
        let mut names = Vec::new();
        for surest in by_split.into_values() {
            let mut clips: Vec<(String, f64)> = surest.into_iter().collect();
            clips.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            names.extend(clips.into_iter().take(MOST_THUMBNAILS).map(|(name, _)| name));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Writes one image as a PNG that is small enough.
    fn keep(&self, file: &str, images: &Images, number: usize) -> Result<()> {
        let place = self.place(file)?;
        let bytes = png(images, number).with_context(|| format!("failed to make {place}"))?;
        if place.read(MOST_MEDIA_BYTES as u64).ok().flatten().as_ref() == Some(&bytes) {
            return Ok(());
        }
        place.write(&bytes)
    }
}

/// Removes the pictures that the card before named and this one does not. Whatever else lies there is not this program's.
pub(super) fn clear(card: &Card, before: Option<&Card>, results: &Results) -> Result<()> {
    let named = card.pictures();
    for file in before.into_iter().flat_map(Card::pictures) {
        // A card that was changed by hand may name anything.
        if !named.contains(file) && is_picture(file) {
            results.media(&card.name)?.join(file)?.remove()?;
        }
    }
    Ok(())
}

/// Whether a file's name is one that [`Album`] gives.
pub(crate) fn is_picture(file: &str) -> bool {
    file.ends_with(".png") && (file.contains("-class") || file.contains("-clip-"))
}

/// One image as the bytes of a PNG of at most [`MOST_MEDIA_BYTES`], as large as that allows.
fn png(images: &Images, number: usize) -> Result<Vec<u8>> {
    let size = images.height * images.width * CHANNELS;
    let pixels = &images.bytes()?[number * size..(number + 1) * size];
    // Blue, green, red as decoded; a PNG wants them the other way round.
    let pixels = pixels.chunks_exact(CHANNELS).flat_map(|p| [p[2], p[1], p[0]]);
    let whole = RgbImage::from_raw(images.width as u32, images.height as u32, pixels.collect())
        .context("an image has as many pixels as its sides say")?;
    let longest = whole.width().max(whole.height());
    let mut side = SIDE.min(longest);
    loop {
        let scaled = |length: u32| (length * side).div_ceil(longest).max(1);
        let (width, height) = (scaled(whole.width()), scaled(whole.height()));
        let small = imageops::resize(&whole, width, height, imageops::FilterType::Triangle);
        let mut bytes = Cursor::new(Vec::new());
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive).write_image(
            &small,
            width,
            height,
            ExtendedColorType::Rgb8,
        )?;
        if bytes.get_ref().len() <= MOST_MEDIA_BYTES || side <= 8 {
            return Ok(bytes.into_inner());
        }
        side = side * 9 / 10;
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::rng;

    #[test]
    fn a_picture_is_small_and_its_colours_are_the_right_way_round() {
        let mut stream = rng::stream(0, "picture", 0, 0);
        let noise: Vec<u8> = (0..300 * 200 * 3).map(|_| stream.below(256) as u8).collect();
        let images = Images::of_bytes(1, 200, 300, noise).unwrap();
        assert!(png(&images, 0).unwrap().len() <= MOST_MEDIA_BYTES);
        let blue = [[255, 0, 0]; 64].concat();
        let images = Images::of_bytes(1, 8, 8, blue).unwrap();
        let picture = image::load_from_memory(&png(&images, 0).unwrap()).unwrap();
        assert_eq!(picture.to_rgb8().get_pixel(3, 3).0, [0, 0, 255]);
    }
}
