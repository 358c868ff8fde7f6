//! Items → small pictures for the report: what a network sees of one of each class, and those that networks misclassified. The form
//! gives the images; here they become files.

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use crate::console;
use crate::data::card::Image;
use crate::data::{DataSpec, FORMS, Form, Raw};
use crate::files::Place;
use crate::language::Experiment;
use crate::language::figure::FigureKind;
use crate::store::card::{Card, Contents, MOST_MEDIA_BYTES, MOST_THUMBNAILS, Pictures, Sequence};
use crate::store::key::digest_of;
use crate::store::paths::Results;
use crate::store::record::Record;

/// Longest side of a picture, where that is small enough a file.
const SIDE: u32 = 128;

/// Digits of an item's digest in the name of its picture.
const DIGITS: usize = 12;

/// Where the pictures of an experiment go.
pub(super) struct Album<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) results: &'a Results,
    /// Name of the dataset, which the files' names begin with.
    pub(super) dataset: &'a str,
}

impl Album<'_> {
    /// Pictures of a dataset, where its form has any. What an `earlier` sweep made of the same items is kept as it is.
    pub(super) fn pictures(&self, data: &DataSpec, raw: &dyn Raw, earlier: Option<&Contents>) -> Result<Option<Pictures>> {
        let Some(made_by) = data.pictured_by() else {
            return Ok(None);
        };
        let known = earlier.and_then(|earlier| earlier.pictures.as_ref());
        let is_same = earlier.is_some_and(|earlier| earlier.digest == raw.digests().data);
        let same = known.filter(|known| {
            let mut files = known.sequences.iter().flat_map(|one| &one.pictures);
            is_same && known.made_by == made_by && !known.sequences.is_empty() && files.all(|file| self.holds(file))
        });
        let none = BTreeMap::new();
        Ok(Some(Pictures {
            made_by,
            sequences: match same {
                Some(known) => known.sequences.clone(),
                None => self.sequences(data, raw)?,
            },
            thumbnails: self.thumbnails(data, raw, known.map_or(&none, |known| &known.thumbnails))?,
        }))
    }

    /// What a network sees of one item of each class. Items that cannot be read have no pictures; the cells that need them fail and
    /// say why.
    fn sequences(&self, data: &DataSpec, raw: &dyn Raw) -> Result<Vec<Sequence>> {
        let mut sequences = Vec::new();
        if !self.shows(FigureKind::ClipImages) {
            return Ok(sequences);
        }
        for shown in data.shown(raw)? {
            let images = match shown.images {
                Ok(images) => images,
                Err(error) => {
                    let item = data.form().noun.one;
                    console::say(&format!("warning: no pictures of the {item} {}: {error:#}", shown.item));
                    continue;
                }
            };
            let pictures = images.into_iter().enumerate().map(|(number, image)| {
                let file = format!("{}-class{}-{number:02}.png", self.dataset, shown.class);
                self.keep(&file, image)?;
                Ok(file)
            });
            sequences.push(Sequence {
                class: shown.class,
                item: shown.item,
                pictures: pictures.collect::<Result<_>>()?,
                shows: shown.shows.to_owned(),
            });
        }
        Ok(sequences)
    }

    /// A picture of each item that is among the surest mistakes of a network: item → file. Those of `known` are kept as they are.
    fn thumbnails(
        &self,
        data: &DataSpec,
        raw: &dyn Raw,
        known: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>> {
        let mut thumbnails = BTreeMap::new();
        if !self.shows(FigureKind::WrongClips) {
            return Ok(thumbnails);
        }
        let word = data.form().noun.one;
        for item in self.surest_mistakes() {
            let Some(digest) = raw.item_digest(&item) else { continue };
            let file = format!("{}-{word}-{}.png", self.dataset, &digest[..DIGITS]);
            if known.get(&item) != Some(&file) || !self.holds(&file) {
                match raw.picture(&item) {
                    Ok(image) => self.keep(&file, image)?,
                    Err(error) => {
                        console::say(&format!("warning: no picture of the {word} {item}: {error:#}"));
                        continue;
                    }
                }
            }
            thumbnails.insert(item, file);
        }
        Ok(thumbnails)
    }

    /// Whether there is a picture of that name; an unreadable one is made again.
    fn holds(&self, file: &str) -> bool {
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

    /// The items that networks misclassified with the highest probability, for each split on its own.
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
            let Some(samples) = record.predictions.scored() else {
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
            let mut items: Vec<(String, f64)> = surest.into_iter().collect();
            items.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            names.extend(items.into_iter().take(MOST_THUMBNAILS).map(|(name, _)| name));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Writes one image as a PNG that is small enough.
    fn keep(&self, file: &str, image: Image) -> Result<()> {
        let place = self.place(file)?;
        let bytes = png(image).with_context(|| format!("failed to make {place}"))?;
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
    let Some(stem) = file.strip_suffix(".png") else {
        return false;
    };
    let is_of_item = stem.rsplit_once('-').is_some_and(|(before, digest)| {
        let is_item = |form: &&Form| before.ends_with(&format!("-{}", form.noun.one));
        digest.len() == DIGITS && FORMS.iter().any(is_item)
    });
    stem.contains("-class") || is_of_item
}

/// An image as the bytes of a PNG of at most [`MOST_MEDIA_BYTES`], as large as that allows.
fn png(Image { height, width, rgb }: Image) -> Result<Vec<u8>> {
    let whole =
        RgbImage::from_raw(width as u32, height as u32, rgb).context("an image has as many pixels as its sides say")?;
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
    fn a_picture_is_small() {
        let mut stream = rng::stream(0, "picture", 0, 0);
        let rgb = (0..300 * 200 * 3).map(|_| stream.below(256) as u8).collect();
        let image = Image {
            height: 200,
            width: 300,
            rgb,
        };
        assert!(png(image).unwrap().len() <= MOST_MEDIA_BYTES);
    }
}
