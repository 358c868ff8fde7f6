//! Cards of version 1: a wing for series and one for clips. Read as the newest, with all that they name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    BackboneCard, ClassCard, Contents, CutCard, DatasetCard, ModelCard, Part, Pictures, PlannedCell, Scaling, Sequence,
    TEST, TRAINING, TargetCard, VALIDATION, cut_order,
};
use crate::data::clips::card::{leaks, part};
use crate::data::series::window::Transform;
use crate::data::{ClipSplit, DataSpec, Form, clips, form_of_kind, series};
use crate::language::configuration::value_at;
use crate::language::report::ReportSpec;

/// See [`super::Card`].
#[derive(Deserialize)]
pub(super) struct Card {
    #[serde(default)]
    backbones: Vec<BackboneCard>,
    cells: BTreeMap<String, Value>,
    #[serde(default)]
    clip_cuts: Vec<ClipCut>,
    #[serde(default)]
    clips: BTreeMap<String, Clips>,
    datasets: BTreeMap<String, Series>,
    cuts: Vec<SeriesCut>,
    models: Vec<ModelCard>,
    name: String,
    reference: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    report: ReportSpec,
    title: String,
}

/// A dataset of prices.
#[derive(Deserialize)]
struct Series {
    columns: Vec<String>,
    digest: String,
    source: String,
    first: Vec<Vec<String>>,
    last: Vec<Vec<String>>,
    rows: usize,
    series: Vec<(String, f64)>,
    target: String,
    unit: String,
    #[serde(default)]
    hole: Option<String>,
}

/// What one became under one `[window]` and `[split]`: shapes with the number of samples in front.
#[derive(Deserialize)]
struct SeriesCut {
    dataset: String,
    settings: Value,
    all: [usize; 3],
    train: [usize; 3],
    train_targets: [usize; 2],
    validation: Option<[usize; 3]>,
    test: [usize; 3],
    train_days: [String; 2],
    test_days: [String; 2],
    offset: f64,
    factor: f64,
}

/// A dataset of clips.
#[derive(Deserialize)]
struct Clips {
    classes: [String; 2],
    counts: [usize; 2],
    digest: String,
    duplicates: Vec<Vec<String>>,
    sequences: Vec<ClipSequence>,
    shape: [usize; 4],
    source: String,
    steps: Value,
    #[serde(default)]
    thumbnails: BTreeMap<String, String>,
}

/// Pictures of one clip.
#[derive(Deserialize)]
struct ClipSequence {
    clip: String,
    label: u8,
    pictures: Vec<String>,
    step: String,
}

/// How one `[split]` split the clips of a dataset.
#[derive(Deserialize)]
struct ClipCut {
    dataset: String,
    neighbours: usize,
    settings: Value,
    straddling: Vec<Vec<String>>,
    test: [usize; 2],
    train: [usize; 2],
    validation: [usize; 2],
}

impl Card {
    /// The same as a card of the newest version.
    pub(super) fn into_newest(self) -> super::Card {
        let mut cuts: BTreeMap<[String; 3], CutCard> = BTreeMap::new();
        for configuration in self.cells.values() {
            cuts.entry(cut_order(configuration))
                .or_insert_with(|| self.cut(configuration));
        }
        let place = |configuration: &Value| {
            let order = cut_order(configuration);
            cuts.keys().position(|known| *known == order)
        };
        let cells = self.cells.iter().map(|(id, configuration)| {
            let cell = PlannedCell {
                backbone: self.backbone(configuration),
                cut: place(configuration),
                model: self.model(configuration),
                configuration: configuration.clone(),
            };
            (id.clone(), cell)
        });
        let cells = cells.collect();
        let dataset = |form: &Form, read| DatasetCard {
            form: form.word.to_owned(),
            read,
            task: form.task.word.to_owned(),
        };
        let series = self.datasets.into_iter();
        let series = series.map(|(name, series)| (name, dataset(&series::FORM, Some(series.into()))));
        let clips = self.clips.into_iter();
        let clips = clips.map(|(name, clips)| (name, dataset(&clips::FORM, Some(clips.into()))));
        let mut datasets: BTreeMap<String, DatasetCard> = series.chain(clips).collect();
        for configuration in self.cells.values() {
            if let (Some(name), Some(form)) = (name_of(configuration), form_of(configuration)) {
                let unread = || dataset(form, None);
                datasets.entry(name.to_owned()).or_insert_with(unread);
            }
        }
        super::Card {
            backbones: self.backbones,
            cells,
            cuts: cuts.into_values().collect(),
            datasets,
            models: self.models,
            name: self.name,
            reference: self.reference,
            report: self.report,
            title: self.title,
            version: super::VERSION,
        }
    }

    /// What the data of a cell became: what its settings tell, with the numbers that the card had of it.
    fn cut(&self, configuration: &Value) -> CutCard {
        let told = data_of(configuration).and_then(|data| data.cut_card(None).ok());
        let told = told.unwrap_or_default();
        let dataset = name_of(configuration).unwrap_or_default();
        let same = |settings: &Value, table: &str| settings.get(table) == configuration.get(table);
        let mut series = self.cuts.iter();
        let series =
            series.find(|cut| cut.dataset == dataset && same(&cut.settings, "split") && same(&cut.settings, "window"));
        let mut clips = self.clip_cuts.iter();
        let clips = clips.find(|cut| cut.dataset == dataset && same(&cut.settings, "split"));
        match (series, clips) {
            (Some(cut), _) => cut.with(told),
            (None, Some(cut)) => cut.with(told),
            (None, None) => told,
        }
    }

    /// The place of a cell's network: the same model with the same settings, as many outputs as it forecasts steps, and, where
    /// its settings tell, the same input.
    fn model(&self, configuration: &Value) -> Option<usize> {
        let horizon = value_at(configuration, "window.horizon").and_then(Value::as_u64);
        let is_own = |card: &ModelCard| {
            let outputs = card.layers.last().and_then(|layer| layer.output.last());
            value_at(configuration, "model").and_then(Value::as_str) == Some(&card.model)
                && configuration.get("model") == Some(&card.settings)
                && horizon.is_none_or(|horizon| outputs == Some(&(horizon as usize)))
        };
        let data = data_of(configuration);
        let input = data.as_ref().and_then(|data| Some(data.cut_card(None).ok()?.shape));
        let front = data.and_then(|data| data.front().ok()?).map(|front| front.layer);
        let is_fed = |card: &ModelCard| {
            input.as_ref().is_none_or(|input| *input == card.input)
                && front.as_ref().is_none_or(|front| card.layers.first() == Some(front))
        };
        let fed = self.models.iter().position(|card| is_own(card) && is_fed(card));
        fed.or_else(|| self.models.iter().position(is_own))
    }

    /// The place of the frozen network in front of a cell's own.
    fn backbone(&self, configuration: &Value) -> Option<usize> {
        let settings = configuration.get("backbone")?;
        let front = data_of(configuration).and_then(|data| data.front().ok()?);
        let is_own = |card: &BackboneCard| card.settings == *settings;
        let is_fed = |card: &BackboneCard| front.as_ref().is_none_or(|front| front.card.input == card.input);
        let fed = self.backbones.iter().position(|card| is_own(card) && is_fed(card));
        fed.or_else(|| self.backbones.iter().position(is_own))
    }
}

fn name_of(configuration: &Value) -> Option<&str> {
    value_at(configuration, "dataset")?.as_str()
}

fn form_of(configuration: &Value) -> Option<&'static Form> {
    form_of_kind(configuration["dataset"]["kind"].as_str()?)
}

/// The settings of a cell's data; none where this program does not know one of them.
fn data_of(configuration: &Value) -> Option<DataSpec> {
    let mut settings = super::how_cut(configuration);
    let mut source = configuration["dataset"].clone();
    source.as_object_mut()?.remove("name");
    settings["source"] = source;
    settings["form"] = json!(form_of(configuration)?.word);
    serde_json::from_value(settings).ok()
}

impl SeriesCut {
    fn with(&self, told: CutCard) -> CutCard {
        let window = &self.settings["window"];
        let word = |name: &str| window[name].as_str().unwrap_or_default().to_owned();
        let part = |name: &str, items: usize, days: Option<&[String; 2]>| Part {
            by_class: Vec::new(),
            items,
            name: name.to_owned(),
            span: days.cloned(),
        };
        let mut parts = vec![part(TRAINING, self.train[0], Some(&self.train_days))];
        parts.extend(self.validation.map(|shape| part(VALIDATION, shape[0], None)));
        parts.push(part(TEST, self.test[0], Some(&self.test_days)));
        CutCard {
            all: self.all[0],
            parts,
            scaling: Some(Scaling {
                factor: self.factor,
                fit_scale_on: word("fit_scale_on"),
                offset: self.offset,
                scale: word("scale"),
                transform: Transform::deserialize(&window["transform"]).unwrap_or_default(),
            }),
            shape: self.train[1..].to_vec(),
            targets: self.train_targets[1..].to_vec(),
            ..told
        }
    }
}

impl ClipCut {
    fn with(&self, told: CutCard) -> CutCard {
        let mut parts = vec![part(TRAINING, &self.train)];
        if self.validation != [0, 0] {
            parts.push(part(VALIDATION, &self.validation));
        }
        parts.push(part(TEST, &self.test));
        let tested: usize = self.test.iter().sum();
        let split = ClipSplit::deserialize(&self.settings["split"]);
        CutCard {
            all: parts.iter().map(|part| part.items).sum(),
            leaks: split.map_or_else(
                |_| Vec::new(),
                |split| leaks(&split, &self.straddling, self.neighbours, tested),
            ),
            parts,
            ..told
        }
    }
}

impl From<Series> for Contents {
    fn from(series: Series) -> Self {
        Self {
            columns: series.columns,
            curve: series.series,
            digest: series.digest,
            first: series.first,
            hole: series.hole,
            items: series.rows,
            last: series.last,
            noun: "rows".to_owned(),
            source: series.source,
            target: Some(TargetCard {
                name: series.target,
                unit: series.unit,
            }),
            ..Self::default()
        }
    }
}

impl From<Clips> for Contents {
    fn from(clips: Clips) -> Self {
        let classes = clips.classes.into_iter().zip(clips.counts);
        let sequences = clips.sequences.into_iter().map(|one| Sequence {
            class: usize::from(one.label),
            item: one.clip,
            pictures: one.pictures,
            shows: one.step,
        });
        Self {
            classes: classes.map(|(name, items)| ClassCard { items, name }).collect(),
            digest: clips.digest,
            identical: clips.duplicates,
            items: clips.counts.iter().sum(),
            noun: "clips".to_owned(),
            pictures: Some(Pictures {
                made_by: clips.steps,
                sequences: sequences.collect(),
                thumbnails: clips.thumbnails,
            }),
            shape: clips.shape.to_vec(),
            source: clips.source,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
