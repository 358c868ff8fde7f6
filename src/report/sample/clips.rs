//! Made-up experiments on clips for tests: cards and pictures beside made-up classifications.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::data::clips::card::{leaks, part};
use crate::language::report::ReportSpec;
use crate::model::LayerSummary;
use crate::report::picture;
use crate::report::results::ExperimentResults;
use crate::sample::clips::EACH;
pub(crate) use crate::sample::clips::{ClipSample, study};
use crate::store::card::{
    BackboneCard, Card, ClassCard, Contents, CutCard, DatasetCard, ModelCard, Pictures, PlannedCell, Sequence, TEST,
    TRAINING, VALIDATION, VERSION,
};
use crate::store::record::Stored;
use crate::task::BINARY;

/// An experiment whose plan is exactly these cells, all done, with cards and pictures.
pub(crate) fn experiment(samples: &[ClipSample], report: ReportSpec) -> ExperimentResults {
    let mut records: Vec<Stored> = samples.iter().map(ClipSample::record).collect();
    crate::store::record::sort(&mut records);
    let planned = samples.iter().map(|one| {
        let is_network = one.seed.is_some();
        let cell = PlannedCell {
            backbone: Some(0),
            configuration: one.configuration(),
            cut: is_network.then_some(0),
            model: is_network.then_some(0),
        };
        (one.id(), cell)
    });
    let dataset = DatasetCard {
        form: "clips".to_owned(),
        read: Some(clips(&records)),
        task: BINARY.word.to_owned(),
    };
    let card = Card {
        backbones: vec![backbone()],
        cells: planned.collect(),
        cuts: vec![cut()],
        datasets: BTreeMap::from([("hockey".to_owned(), dataset)]),
        models: vec![network()],
        name: "sample_clips".to_owned(),
        reference: BTreeMap::new(),
        report,
        title: "Made-up clips".to_owned(),
        version: VERSION,
    };
    let media = media(&card)
        .into_iter()
        .filter_map(|(file, bytes)| Some((file, picture::data_uri(&bytes)?)))
        .collect();
    ExperimentResults {
        card,
        records,
        told: BTreeMap::new(),
        unplanned: Vec::new(),
        models_of_page: Default::default(),
        media,
    }
}

/// A picture for each file that a card names: shades that differ from file to file.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(crate) fn media(card: &Card) -> BTreeMap<String, Vec<u8>> {
    let drawn = |file: &str| {
        let shift = file.bytes().map(u32::from).sum::<u32>();
        let pixels = image::RgbImage::from_fn(48, 48, |x, y| {
            let wave = |a: u32, b: u32| ((x * a + y * b + shift * 3) % 251) as u8;
            image::Rgb([wave(3, 1) / 2, wave(1, 4), wave(5, 2) / 3])
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let files = card.pictures().into_iter();
    files.map(|file| (file.to_owned(), drawn(file))).collect()
}

/// What the first cell's settings tell, with numbers that no clips gave.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
fn cut() -> CutCard {
    let data = crate::data::DataSpec::deserialize(study()[0].data()).unwrap();
    let split = crate::data::ClipSplit::deserialize(&study()[0].data()["split"]).unwrap();
    CutCard {
        all: 1000,
        leaks: leaks(&split, &[["no13", "no14"].map(str::to_owned).to_vec()], 180, 2 * EACH),
        parts: vec![
            part(TRAINING, &[360, 360]),
            part(VALIDATION, &[40, 40]),
            part(TEST, &[EACH, EACH]),
        ],
        ..data.cut_card(None).unwrap()
    }
}

fn clips(records: &[Stored]) -> Contents {
    let wrong = records.iter().flat_map(|stored| {
        let items = stored.record.predictions.scored().unwrap_or_default().iter();
        items.filter(|item| u8::from(item.score >= 0.5) != item.label)
    });
    let sequence = |clip: &str, class| Sequence {
        class,
        item: clip.to_owned(),
        pictures: (0..10).map(|index| format!("hockey-{clip}-{index}.png")).collect(),
        shows: "difference images".to_owned(),
    };
    let classes = ["fight", "no fight"].map(|name| ClassCard {
        items: 500,
        name: name.to_owned(),
    });
    Contents {
        classes: classes.to_vec(),
        digest: "c1195".to_owned(),
        identical: vec![["no13", "no14"].map(str::to_owned).to_vec()],
        items: 1000,
        noun: "clips".to_owned(),
        pictures: Some(Pictures {
            made_by: study()[0].configuration()["dataset"]["steps"].clone(),
            sequences: vec![sequence("fi1", 0), sequence("no1", 1)],
            thumbnails: wrong
                .map(|item| (item.name.clone(), format!("hockey-{}.png", item.name)))
                .collect(),
        }),
        shape: vec![10, 256, 256, 3],
        source: "hockey_fights".to_owned(),
        ..Contents::default()
    }
}

fn backbone() -> BackboneCard {
    BackboneCard {
        input: vec![256, 256, 3],
        layers: vec![LayerSummary {
            name: "resnet50".to_owned(),
            kind: "ResNet50".to_owned(),
            output: vec![8, 8, 2048],
            trainable: 23_534_592,
            frozen: 53_120,
        }],
        output: vec![8, 8, 2048],
        settings: study()[0].configuration()["backbone"].clone(),
    }
}

/// Figure 22 of the violence study.
fn network() -> ModelCard {
    let layer = |name: &str, kind: &str, output: &[usize], trainable, frozen| LayerSummary {
        name: name.to_owned(),
        kind: kind.to_owned(),
        output: output.to_vec(),
        trainable,
        frozen,
    };
    ModelCard {
        model: "conv_lstm".to_owned(),
        input: vec![10, 256, 256, 3],
        layers: vec![
            layer(
                "time_distributed",
                "TimeDistributed(ResNet50)",
                &[10, 8, 8, 2048],
                0,
                23_587_712,
            ),
            layer("conv_lstm2d", "ConvLSTM2D", &[8, 8, 256], 21_234_688, 0),
            layer("flatten", "Flatten", &[16_384], 0, 0),
            layer("batch_normalization", "BatchNormalization", &[16_384], 32_768, 32_768),
            layer("dense", "Linear", &[1000], 16_385_000, 0),
            layer("dense_1", "Linear", &[256], 256_256, 0),
            layer("dense_2", "Linear", &[10], 2_570, 0),
            layer("dense_3", "Linear", &[1], 11, 0),
        ],
        settings: study()[0].configuration()["model"].clone(),
    }
}
