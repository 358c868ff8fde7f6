//! All parts of one cell → the cell, with its axes.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value as Json;

use crate::data::{DataSpec, SharedData, Slot, Source, Split};
use crate::metric::Keep;
use crate::model::ModelSpec;
use crate::train::TrainSpec;

use super::cell::Cell;
use super::part::{self, Part};
use super::points::{Owner, Points};
use super::whence::Stands;
use super::{kinds, near};

/// What a file says once for all of its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfFile {
    /// Whether they ask for a GPU.
    pub requires_cuda: bool,
    /// How much of its predictions a record keeps.
    pub predictions: Keep,
}

/// All parts of one cell.
pub(super) struct Made {
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
    /// How the model sees the dataset: the slots that it reads, by their tables.
    pub seen: Vec<(&'static str, Rc<Part<Json>>)>,
    /// `[split]`
    pub split: Rc<Part<Split>>,
    /// Of a model that is trained.
    pub training: Option<Training>,
}

/// What a trained model reads besides.
pub(super) type Training = (Rc<Part<TrainSpec>>, Rc<Part<u64>>);

/// The data of the cells so far: by the dataset's name, whether the model is trained, whether it learns, and the numbers of the parts.
pub(super) type KnownData = HashMap<(String, [bool; 2], Vec<usize>), Option<SharedData>>;

impl Made {
    /// Equal for cells of equal configuration, and only for those.
    pub(super) fn compared_by(&self) -> (String, String, Vec<usize>, Option<[usize; 2]>) {
        let parts = [self.dataset.number, self.model.number, self.split.number];
        let seen = self.seen.iter().map(|(_, part)| part.number);
        (
            self.dataset_name.clone(),
            self.model_name.clone(),
            parts.into_iter().chain(seen).collect(),
            self.training.as_ref().map(|(train, seed)| [train.number, seed.number]),
        )
    }

    /// The data; `None` only where the split is of another form than the dataset, which is a mistake that was noted.
    fn data(&self, known: &mut KnownData) -> Option<SharedData> {
        let numbers = [self.dataset.number, self.split.number].into_iter();
        let numbers = numbers.chain(self.seen.iter().map(|(_, part)| part.number));
        // A baseline's parts have numbers of their own.
        let sees = [self.training.is_some(), self.model.spec.learns()];
        let name = (self.dataset_name.clone(), sees, numbers.collect());
        let make = || {
            let seen = self.seen.iter();
            let seen = seen.map(|(table, part)| (*table, part.spec.clone()));
            let data = DataSpec::of(&self.dataset.spec, &self.split.spec, &seen.collect());
            data.expect("settings that were read are read again from what they were written as")
                .map(SharedData::from)
        };
        known.entry(name).or_insert_with(make).clone()
    }

    /// The cell, which has a name when all cells are known; `None` only after a mistake that was noted.
    pub(super) fn cell(&self, experiment: &str, of_file: OfFile, points: &Points, known: &mut KnownData) -> Option<Cell> {
        Some(Cell {
            experiment: experiment.to_owned(),
            id: String::new(),
            axes: self.axes(points),
            data: self.data(known)?,
            model: self.model.spec.clone(),
            checkpoint: self
                .training
                .as_ref()
                .map(|(train, _)| train.spec.checkpoint)
                .unwrap_or_default(),
            train: self.training.as_ref().map(|(train, _)| train.spec.clone()),
            predictions: of_file.predictions,
            seed: self.training.as_ref().map(|(_, seed)| seed.spec),
            requires_cuda: of_file.requires_cuda,
            dataset_name: self.dataset_name.clone(),
            model_name: self.model_name.clone(),
        })
    }

    /// The configuration of a table, where the cell reads it: of a baseline with what [`kinds::is_unread_by_baselines`].
    pub(super) fn table(&self, table: &str) -> Option<&Json> {
        match table {
            "dataset" => Some(&self.dataset.configuration),
            "model" => Some(&self.model.configuration),
            "seed" => Some(&self.training.as_ref()?.1.configuration),
            "split" => Some(&self.split.configuration),
            "train" => Some(&self.training.as_ref()?.0.configuration),
            _ => {
                let slot = self.seen.iter().find(|(own, _)| *own == table);
                slot.map(|(_, part)| &part.configuration)
            }
        }
    }

    /// Its tables as they stand in the texts.
    pub(super) fn stands(&self) -> Vec<Stands> {
        let mut stands = vec![
            Stands::of("dataset", &self.dataset),
            Stands::of("model", &self.model),
            Stands::of("split", &self.split),
        ];
        stands.extend(self.seen.iter().map(|(table, part)| Stands::of(table, part)));
        if let Some((train, seed)) = &self.training {
            stands.extend([Stands::of("train", train), Stands::of("seed", seed)]);
        }
        stands
    }

    /// The name of the dataset or the model that may hold a table of its own of that name.
    fn holder_of(&self, table: &str) -> &str {
        if near::may_hold("model", table) {
            &self.model_name
        } else {
            &self.dataset_name
        }
    }

    /// The axes that this cell reads, with their values.
    fn axes(&self, points: &Points) -> BTreeMap<String, Json> {
        let slots = self.dataset.spec.form().slots().iter();
        let read = |slot: &Slot| self.seen.iter().any(|(table, _)| *table == slot.table);
        let validates = slots.filter(|slot| slot.baselines_validate).any(read);
        let read = self.point.iter().filter_map(|setting| {
            let path = &points.settings[*setting].path;
            if self.training.is_none() && kinds::is_unread_by_baselines(path, &self.split.spec, validates) {
                return None;
            }
            let below = |configuration: &Json| part::below(configuration, &path[1..]).cloned();
            let named = |configuration: &Json| part::below(configuration, &path[2..]).cloned();
            let value = match points.owner(*setting) {
                Owner::DatasetName => Some(Json::from(self.dataset_name.as_str())),
                Owner::ModelName => Some(Json::from(self.model_name.as_str())),
                Owner::Dataset(name) if *name == self.dataset_name => named(self.table("dataset")?),
                Owner::Model(name) if *name == self.model_name => named(self.table("model")?),
                Owner::Dataset(_) | Owner::Model(_) => None,
                Owner::Near(holder, table) if *holder == self.holder_of(table) => below(self.table(table)?),
                Owner::Near(..) => None,
                Owner::Slot(table) => below(self.table(table)?),
                Owner::Split => below(self.table("split")?),
                Owner::Train => below(self.table("train")?),
                Owner::Seed => below(self.table("seed")?),
            };
            Some((path.join("."), value?))
        });
        read.collect()
    }
}
