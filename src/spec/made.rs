//! All parts of one cell → the cell, with its id and its axes.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::dataset::features::backbone::BackboneSpec;
use crate::dataset::window::WindowSpec;
use crate::dataset::{DataSpec, Source, Split};
use crate::model::ModelSpec;
use crate::train::TrainSpec;

use super::cell::Cell;
use super::grid::Setting;
use super::part::{self, Part};
use super::points::{Owner, Points};
use super::{id, kinds};

/// All parts of one cell.
pub struct Made {
    /// Its settings among those of the grid, by their index.
    pub point: Vec<usize>,
    /// Name of the dataset's table.
    pub dataset_name: String,
    /// Name of the model's table.
    pub model_name: String,
    /// `[dataset.NAME]`
    pub dataset: Rc<Part<Source>>,
    /// `[model.NAME]`
    pub model: Rc<Part<ModelSpec>>,
    /// What the model sees of the dataset.
    pub seen: Seen,
    /// `[split]`
    pub split: Rc<Part<Split>>,
    /// Of a model that is trained.
    pub training: Option<Training>,
}

/// What a model sees of a dataset.
pub enum Seen {
    /// Windows of a series.
    Window(Rc<Part<WindowSpec>>),
    /// Feature maps of clips.
    Backbone(Rc<Part<BackboneSpec>>),
    /// The labels of clips alone.
    Labels,
}

impl Seen {
    /// Equal for parts of equal configuration among cells of one dataset and model.
    fn number(&self) -> usize {
        match self {
            Self::Window(window) => window.number,
            Self::Backbone(backbone) => backbone.number,
            Self::Labels => 0,
        }
    }

    fn telling(&self) -> &[usize] {
        match self {
            Self::Window(window) => &window.telling,
            Self::Backbone(backbone) => &backbone.telling,
            Self::Labels => &[],
        }
    }
}

/// What a trained model reads besides.
pub type Training = (Rc<Part<TrainSpec>>, Rc<Part<u64>>);

impl Made {
    /// Equal for cells of equal configuration, and only for those.
    pub fn compared_by(&self) -> (String, String, [usize; 4], Option<[usize; 2]>) {
        (
            self.dataset_name.clone(),
            self.model_name.clone(),
            [
                self.dataset.number,
                self.model.number,
                self.seen.number(),
                self.split.number,
            ],
            self.training
                .as_ref()
                .map(|(train, seed)| [train.number, seed.number]),
        )
    }

    /// `None` only where the split is of another form than the dataset, which is a mistake that was noted.
    fn data(&self) -> Option<DataSpec> {
        match (&self.dataset.spec, &self.seen, &self.split.spec) {
            (Source::Series(source), Seen::Window(window), Split::Series(split)) => {
                Some(DataSpec::Series {
                    source: source.clone(),
                    window: window.spec.clone(),
                    split: split.clone(),
                })
            }
            (Source::Clips(source), seen, Split::Clips(split)) => Some(DataSpec::Clips {
                source: source.clone(),
                backbone: match seen {
                    Seen::Backbone(backbone) => Some(backbone.spec.clone()),
                    _ => None,
                },
                split: split.clone(),
            }),
            _ => None,
        }
    }

    /// The cell; `None` only after a mistake that was noted.
    pub fn cell(self, experiment: &str, requires_cuda: bool, points: &Points) -> Option<Cell> {
        let settings = &points.settings;
        let parts = [
            self.dataset.telling.as_slice(),
            &self.model.telling,
            self.seen.telling(),
            &self.split.telling,
        ];
        let training = self
            .training
            .iter()
            .flat_map(|(train, seed)| [train.telling.as_slice(), &seed.telling]);
        let telling: Vec<&Setting> = parts
            .into_iter()
            .chain(training)
            .flatten()
            .map(|index| &settings[*index])
            .collect();
        Some(Cell {
            experiment: experiment.to_owned(),
            id: id::of_cell(&self.dataset_name, &self.model_name, &telling),
            axes: self.axes(points),
            data: self.data()?,
            model: self.model.spec.clone(),
            train: self.training.as_ref().map(|(train, _)| train.spec.clone()),
            seed: self.training.as_ref().map(|(_, seed)| seed.spec),
            requires_cuda,
            dataset_name: self.dataset_name,
            model_name: self.model_name,
        })
    }

    /// The axes that this cell reads, with their values.
    fn axes(&self, points: &Points) -> BTreeMap<String, Json> {
        let read = self.point.iter().filter_map(|setting| {
            let path = &points.settings[*setting].path;
            if self.training.is_none() && kinds::is_unread_by_baselines(path) {
                return None;
            }
            let below = |configuration: &Json| part::below(configuration, &path[1..]).cloned();
            let named = |configuration: &Json| part::below(configuration, &path[2..]).cloned();
            let value = match points.owner(*setting) {
                Owner::DatasetName => Some(Json::from(self.dataset_name.as_str())),
                Owner::ModelName => Some(Json::from(self.model_name.as_str())),
                Owner::Dataset(name) if *name == self.dataset_name => {
                    named(&self.dataset.configuration)
                }
                Owner::Model(name) if *name == self.model_name => named(&self.model.configuration),
                Owner::Dataset(_) | Owner::Model(_) => None,
                Owner::Window => match &self.seen {
                    Seen::Window(window) => below(&window.configuration),
                    _ => None,
                },
                Owner::Backbone => match &self.seen {
                    Seen::Backbone(backbone) => below(&backbone.configuration),
                    _ => None,
                },
                Owner::Split => below(&self.split.configuration),
                Owner::Train => below(&self.training.as_ref()?.0.configuration),
                Owner::Seed => below(&self.training.as_ref()?.1.configuration),
            };
            Some((path.join("."), value?))
        });
        read.collect()
    }
}
