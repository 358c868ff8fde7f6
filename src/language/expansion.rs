//! The tree of a file and the points of its grid → cells.

mod nearer; // what nearer tables say, against what is read and what axes move
mod slots; // which tables a cell reads besides

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value as Json;

use crate::console::joined;
use crate::data::{Sees, Source, Split, form_of_kind, slots};
use crate::model::ModelSpec;
use crate::task::{TASKS, Task};
use crate::train::TrainSpec;

use super::cell::Cell;
use super::diagnostic::Diagnostic;
use super::grid::{Grid, Strictness};
use super::kinds::ReadPart;
use super::known::Known;
use super::made::{Made, OfFile};
use super::named::{self, Names};
use super::near::{Makers, Nearer};
use super::part::{Maker, Part};
use super::points::{Owner, Points};
use super::reader::sketch;
use super::source::Span;
use super::tree::{Entry, Node, Table, Value};
use super::{checks, kinds, name, partly};
use slots::{needed, needs_training};

/// The place of how a split is seen by a baseline that learns nothing.
const UNLEARNING: usize = 2;

/// Makes the cells of one experiment.
pub(super) struct Expansion<'a> {
    experiment: &'a str,
    of_file: OfFile,
    dataset_names: Names,
    model_names: Names,
    datasets: BTreeMap<String, Maker<Source>>,
    models: BTreeMap<String, Maker<ModelSpec>>,
    /// How data are seen, by table: as a network sees them, and as a baseline does.
    slots: Vec<(&'static str, Makers<Json, 2>)>,
    /// As a network sees it, as a baseline does, and as one does that learns nothing.
    splits: Makers<Split, 3>,
    train: Makers<TrainSpec, 1>,
    seed: Maker<u64>,
    /// What the nearer tables are: what holds each, its name and its header.
    nearer: Vec<(String, String, Span)>,
    points: Points,
    /// Whether the axes `dataset` and `model` are there, but were not understood.
    broken_names: [bool; 2],
    /// The settings that some cell has read.
    used: HashSet<usize>,
    /// All parts of each cell, in the order of the cells.
    pub(super) made: Vec<Made>,
    /// The parts that were held against each other, by their addresses, which their makers keep: a seed adds nothing to them.
    checked: HashSet<Vec<*const ()>>,
}

impl<'a> Expansion<'a> {
    /// An expansion of what the file says outside `[grid]`.
    pub(super) fn new(
        tree: &Table,
        nearer: &Nearer,
        experiment: &'a str,
        of_file: OfFile,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let slots = slots().iter().map(|slot| {
            let makers = Makers::new(slot.table, tree, nearer, &kinds::slot(slot));
            (slot.table, makers)
        });
        let split: [ReadPart<Split>; 3] = [
            Rc::new(kinds::split),
            Rc::new(kinds::split_of_baseline),
            Rc::new(kinds::split_of_unlearning),
        ];
        Self {
            experiment,
            of_file,
            dataset_names: Names::declared("dataset", tree, problems),
            model_names: Names::declared("model", tree, problems),
            datasets: named::makers("dataset", tree, &(Rc::new(kinds::dataset) as _)),
            models: named::makers("model", tree, &(Rc::new(kinds::model) as _)),
            slots: slots.collect(),
            splits: Makers::new("split", tree, nearer, &split),
            train: Makers::new("train", tree, nearer, &[Rc::new(kinds::train)]),
            seed: Maker::new(
                &["seed"],
                Some(tree.entry("seed").unwrap_or(&seed_zero())),
                Rc::new(kinds::seed),
            ),
            nearer: nearer
                .iter()
                .map(|(holder, entry)| (holder.to_owned(), entry.key.clone(), entry.key_span))
                .collect(),
            points: Points::default(),
            broken_names: [false; 2],
            used: HashSet::new(),
            made: Vec::new(),
            checked: HashSet::new(),
        }
    }

    /// Every cell, in the order of the grid; equal ones once. `file` is where to blame what is nowhere.
    pub(super) fn cells(
        &mut self,
        grid: Grid,
        file: Span,
        strictness: Strictness,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Cell> {
        let before = problems.len();
        self.dataset_names.note_none(file, problems);
        self.model_names.note_none(file, problems);
        let span = grid.span.unwrap_or(file);
        self.broken_names = ["dataset", "model"].map(|name| grid.broken.contains(name));
        match grid.size() {
            Ok(_) => {
                let names = (&self.dataset_names, &self.model_names);
                self.points = Points::of(grid, names.0, names.1, strictness, problems);
            }
            Err(sizes) => problems.push(sizes.at(span)),
        }
        if self.points.points.is_empty() && problems.len() == before {
            problems.push(Diagnostic::at(span, "no cell is left").help("[[grid.exclude]] drops them all"));
        }
        self.note_said_nearer(problems);
        let mut made = Vec::new();
        let mut cells = Vec::new();
        let mut known = HashSet::new();
        let mut data = HashMap::new();
        for point in std::mem::take(&mut self.points.points) {
            if let Some(one) = self.make(point, problems)
                && known.insert(one.compared_by())
                && let Some(cell) = one.cell(self.experiment, self.of_file, &self.points, &mut data)
            {
                made.push(one);
                cells.push(cell);
            }
        }
        name::give(&mut cells, &made, &self.points);
        self.made = made;
        self.check_unused(problems);
        self.note_unread(problems);
        cells
    }

    /// All parts of the cell at a point; a mistake in one does not hide those in the others.
    fn make(&mut self, point: Vec<usize>, problems: &mut Vec<Diagnostic>) -> Option<Made> {
        let dataset_name = self.name(&point, &Owner::DatasetName, problems);
        let model_name = self.name(&point, &Owner::ModelName, problems);
        let (dataset_name, model_name) = (dataset_name?, model_name?);
        let mut chosen = |owner: Owner| {
            let chosen = self.points.chosen(&point, &owner);
            self.used.extend(&chosen);
            chosen
        };
        let of_dataset = chosen(Owner::Dataset(dataset_name.clone()));
        let of_model = chosen(Owner::Model(model_name.clone()));
        let of_split = self.points.chosen_near(&point, &Owner::Split, [&dataset_name, "split"]);
        self.used.extend(&of_split);
        let settings = &self.points.settings;
        let dataset = self.datasets.get_mut(&dataset_name);
        let dataset = dataset.and_then(|maker| maker.make(&of_dataset, settings, problems));
        let model = self.models.get_mut(&model_name);
        let model = model.and_then(|maker| maker.make(&of_model, settings, problems));
        // A model with a mistake is still of a kind.
        let sketched = match &model {
            Some(_) => None,
            None => self
                .models
                .get(&model_name)
                .and_then(|maker| maker.kind(&of_model, settings))
                .and_then(sketch::<ModelSpec>),
        };
        let of_kind = model.as_ref().map(|model| &model.spec).or(sketched.as_ref());
        let trains = of_kind.map(ModelSpec::trains);
        let sees = of_kind.map_or(Sees::Inputs, |model| model.sees());
        let trained = trains.unwrap_or(true);
        let view = usize::from(!trained);
        let form = match &dataset {
            Some(dataset) => Some(dataset.spec.form()),
            None => self
                .datasets
                .get(&dataset_name)
                .and_then(|maker| maker.kind(&of_dataset, settings))
                .and_then(form_of_kind),
        };
        let of_slots = self.of_slots(&point, form, sees, &dataset_name);
        let validates = self.validates(&of_slots, &dataset_name);
        let split_view = match of_kind.is_none_or(|model| model.learns()) {
            _ if validates => 0, // intervals are calibrated as often as a network is trained
            true => view,
            false => UNLEARNING,
        };
        let splits = self.splits.of(&dataset_name);
        let split = splits[split_view].make(&of_split, settings, problems);
        let header = self.dataset_names.header(&dataset_name)?;
        if let Some(form) = form
            && splits[split_view].is_absent(&of_split)
        {
            let kinds = (form.splits)().into_iter();
            let kinds: Vec<String> = kinds.map(|kind| format!("kind = \"{kind}\"")).collect();
            let help = format!("add [split] with {}", joined(&kinds, "or"));
            problems.push(needed("split", &dataset_name, form, header).help(help));
        }
        // What is read besides depends on what the dataset holds.
        let form = form?;
        let mut seen = Some(Vec::new());
        for ((table, makers), of_slot) in self.slots.iter_mut().zip(of_slots) {
            let Some((slot, of_slot)) = of_slot else { continue };
            self.used.extend(&of_slot);
            let maker = &mut makers.of(&dataset_name)[view];
            if slot.is_optional && maker.is_absent(&of_slot) {
                continue;
            }
            let part = maker.make(&of_slot, settings, problems);
            if maker.is_absent(&of_slot) {
                problems.push(needed(table, &dataset_name, form, header).help((slot.help)()));
            }
            seen = seen.zip(part).map(|(mut seen, part)| {
                seen.push((slot.table, part));
                seen
            });
        }
        let (mut train, mut seed) = (None, None);
        if trained {
            let of_train = self.points.chosen_near(&point, &Owner::Train, [&model_name, "train"]);
            let of_seed = self.points.chosen(&point, &Owner::Seed);
            self.used.extend(of_train.iter().chain(&of_seed));
            let [maker] = self.train.of(&model_name);
            train = maker.make(&of_train, settings, problems);
            if maker.is_absent(&of_train) && trains.is_some() {
                let header = self.model_names.header(&model_name)?;
                problems.push(needs_training(&model_name, header));
            }
            seed = self.seed.make(&of_seed, settings, problems);
        }
        let mut parts = vec![address(&dataset), address(&model), address(&split), address(&train)];
        parts.extend(seen.iter().flatten().map(|(_, part)| Rc::as_ptr(part).cast()));
        if self.checked.insert(parts) {
            if let (Some(dataset), Some(model)) = (&dataset, &model) {
                let names = [dataset_name.as_str(), &model_name];
                checks::forms(dataset, model, split.as_deref(), names, problems);
            }
            if let (Some(dataset), Some(seen)) = (&dataset, &seen) {
                checks::sample(dataset, seen, (model.as_deref(), &model_name), train.as_deref(), problems);
            }
            if let (Some(split), Some(seen)) = (&split, &seen) {
                checks::split(split, seen, problems);
            }
            if let (Some(train), Some(split)) = (&train, &split) {
                checks::training(train, split, form.task, problems);
            }
            if let (Some(seen), Some(split)) = (&seen, &split) {
                checks::intervals(form, seen, split, train.as_deref(), problems);
            }
        }
        let training = match trained {
            true => Some((train?, seed?)),
            false => None,
        };
        Some(Made {
            point,
            dataset_name,
            model_name,
            dataset: dataset?,
            model: model?,
            seen: seen?,
            split: split?,
            training,
        })
    }

    /// The name that a point gives, or the only one that is declared.
    fn name(&self, point: &[usize], owner: &Owner, problems: &mut Vec<Diagnostic>) -> Option<String> {
        let [dataset_is_broken, model_is_broken] = self.broken_names;
        let (names, is_broken) = match owner {
            Owner::DatasetName => (&self.dataset_names, dataset_is_broken),
            _ => (&self.model_names, model_is_broken),
        };
        let name = match self.points.chosen(point, owner).first() {
            Some(given) => self.points.settings[*given].value.as_str(),
            None if is_broken => None,
            None => names.only(problems),
        };
        name.filter(|name| names.contains(name)).map(str::to_owned)
    }

    /// Looks for mistakes in what no cell has read.
    fn check_unused(&mut self, problems: &mut Vec<Diagnostic>) {
        let settings = &self.points.settings;
        let of_owners = self.points.of_owners();
        let unused = |owner: Owner| -> Vec<usize> {
            let all = of_owners.get(&owner).into_iter().flatten().copied();
            all.filter(|setting| !self.used.contains(setting)).collect()
        };
        for (name, maker) in &mut self.datasets {
            maker.check_unused(&unused(Owner::Dataset(name.clone())), settings, problems);
        }
        for (name, maker) in &mut self.models {
            maker.check_unused(&unused(Owner::Model(name.clone())), settings, problems);
        }
        let of_table = |owner: Owner, table: &'static str| {
            let unused = &unused;
            move |holder: Option<&str>| match holder {
                Some(holder) => unused(Owner::Near(holder.to_owned(), table.to_owned())),
                None => unused(owner.clone()),
            }
        };
        for (table, makers) in &mut self.slots {
            makers.check_unused(of_table(Owner::Slot(table), table), settings, problems);
        }
        self.splits.check_unused(of_table(Owner::Split, "split"), settings, problems);
        self.train.check_unused(of_table(Owner::Train, "train"), settings, problems);
        self.seed.check_unused(&unused(Owner::Seed), settings, problems);
    }

    /// What the models may be asked: as the datasets say, and anything where one of them is not understood.
    pub(super) fn tasks(&self) -> Vec<&'static Task> {
        let all = TASKS;
        // A dataset with a mistake is still of a kind.
        let of_maker = |maker: &Maker<Source>| -> Option<Vec<&'static Task>> {
            let tasks: Vec<&'static Task> = maker.specs().map(|spec| spec.form().task).collect();
            if tasks.is_empty() {
                let kind = maker.kind(&[], &self.points.settings)?;
                return Some(vec![form_of_kind(kind)?.task]);
            }
            Some(tasks)
        };
        let tasks: Option<Vec<Vec<&'static Task>>> = self.datasets.values().map(of_maker).collect();
        match tasks {
            Some(tasks) if !tasks.is_empty() => {
                let has = |task: &&Task| tasks.iter().flatten().any(|own| own == task);
                all.into_iter().filter(has).collect()
            }
            _ => all.to_vec(),
        }
    }

    /// Every dataset that was understood, or as far as it was.
    pub(super) fn into_sources(self) -> Vec<Source> {
        let makers = self.datasets.into_values();
        makers
            .flat_map(|maker| {
                let understood: Vec<Source> = maker.specs().cloned().collect();
                if understood.is_empty() {
                    let salvaged = maker.base().and_then(partly::dataset_as_far_as_understood);
                    return salvaged.into_iter().collect();
                }
                understood
            })
            .collect()
    }

    /// What the cells have, for the report to name.
    pub(super) fn known(&self, cells: &[Cell]) -> Known {
        let mut known = Known {
            names: [&self.dataset_names, &self.model_names]
                .map(|names| names.list().into_iter().map(str::to_owned).collect()),
            ..Known::default()
        };
        for (name, maker) in &self.datasets {
            known.note_named("dataset", name, maker.configurations());
        }
        for (name, maker) in &self.models {
            known.note_named("model", name, maker.configurations());
        }
        for (table, makers) in &self.slots {
            for configuration in makers.iter().flat_map(Maker::configurations) {
                known.note(table, configuration);
            }
        }
        for split in self.splits.iter().flat_map(Maker::configurations) {
            known.note("split", split);
        }
        for train in self.train.iter().flat_map(Maker::configurations) {
            known.note("train", train);
        }
        for seed in self.seed.configurations() {
            known.note("seed", seed);
        }
        for axis in cells.iter().flat_map(|cell| cell.axes.keys()) {
            if !known.axes.contains(axis) {
                known.axes.insert(axis.clone());
            }
        }
        known
    }
}

fn address<T>(part: &Option<Rc<Part<T>>>) -> *const () {
    part.as_ref().map_or(std::ptr::null(), |part| Rc::as_ptr(part).cast())
}

/// What a file says that says nothing of a seed.
fn seed_zero() -> Entry {
    let span = Span { start: 0, end: 0 };
    Entry {
        key: "seed".to_owned(),
        key_span: span,
        node: Node {
            span,
            value: Value::Integer(0),
        },
    }
}
