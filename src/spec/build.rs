//! The tree of one file → an experiment with all its cells.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::dataset::window::{SeriesSplit, WindowSpec};
use crate::dataset::{DataSpec, SeriesSource};
use crate::model::ModelSpec;
use crate::task::TaskKind;
use crate::train::TrainSpec;

use super::cell::Cell;
use super::declared::{self, Known};
use super::diagnostic::Diagnostic;
use super::expand::{self, Maker, Part};
use super::experiment::Experiment;
use super::grid::{self, Grid, Pairs, Setting, Strictness};
use super::report::ReportSpec;
use super::source::{SourceMap, Span};
use super::suggest::{did_you_mean, listed};
use super::tree::{Entry, Node, Table, Value};
use super::{checks, id, kinds, reference};

const TOP_LEVEL: [&str; 11] = [
    "title", "seed", "extends", "requires", "dataset", "window", "split", "model", "train", "grid",
    "report",
];

/// What an axis can move.
const ROOTS: [&str; 6] = ["dataset", "model", "seed", "split", "train", "window"];

/// Builds the experiment of a file; `None` after a mistake.
pub fn experiment(
    path: &Path,
    tree: &Table,
    strictness: Strictness,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Experiment> {
    let before = problems.len();
    note_unknown_keys(tree, problems);
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let title = word(tree, "title", problems).unwrap_or_else(|| name.clone());
    let requires_cuda = requires_cuda(tree, problems);
    let grid = tree.entry("grid").and_then(|entry| {
        let table = entry.node.as_table()?;
        Some(grid::read(
            entry.node.span,
            &grid::flattened(table),
            problems,
        ))
    });
    let mut expansion = Expansion::new(tree, &name, requires_cuda, problems);
    let cells = expansion.cells(grid.unwrap_or_default(), strictness, problems);
    let mut report = ReportSpec::default();
    let mut reference = BTreeMap::new();
    if let Some(node) = tree.get("report") {
        let node = declared::with_flat_filters(node);
        let spec = declared::report(&node, problems);
        // What the cells have is known only where they could be made.
        if let (Some(spec), true) = (spec, problems.len() == before) {
            let task = TaskKind::Regression;
            let known = expansion.known();
            declared::check(&node, &spec, &known, task, strictness, problems);
            for named in declared::references(&node) {
                let rows = reference::rows(named, &known, task, strictness, sources, problems);
                if let (Some(name), Some(rows)) = (named.as_str(), rows) {
                    reference.insert(name.to_owned(), rows);
                }
            }
            report = spec;
        }
    }
    (problems.len() == before).then_some(Experiment {
        name,
        title,
        path: path.to_owned(),
        requires_cuda,
        cells,
        report,
        reference,
    })
}

fn note_unknown_keys(tree: &Table, problems: &mut Vec<Diagnostic>) {
    for entry in &tree.entries {
        if !TOP_LEVEL.contains(&entry.key.as_str()) {
            problems.push(
                Diagnostic::at(entry.key_span, format!("unknown field `{}`", entry.key)).help(
                    format!(
                        "{}an experiment takes {}",
                        did_you_mean(&entry.key, TOP_LEVEL),
                        listed(&TOP_LEVEL)
                    ),
                ),
            );
        } else if matches!(entry.key.as_str(), "dataset" | "model" | "grid" | "report")
            && entry.node.as_table().is_none()
        {
            let found = entry.node.value.in_words();
            problems.push(
                Diagnostic::at(entry.node.span, format!("expected a table, found {found}")).help(
                    match entry.key.as_str() {
                        "dataset" | "model" => format!("write it as [{}.NAME]", entry.key),
                        _ => format!("write it as [{}]", entry.key),
                    },
                ),
            );
        }
    }
}

fn word(tree: &Table, key: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let node = tree.get(key)?;
    super::read::read(
        node,
        &format!("`{key}`"),
        super::read::Missing::Reported,
        problems,
    )
}

fn requires_cuda(tree: &Table, problems: &mut Vec<Diagnostic>) -> bool {
    let Some(required) = word(tree, "requires", problems) else {
        return false;
    };
    if required != "cuda"
        && let Some(node) = tree.get("requires")
    {
        problems.push(
            Diagnostic::at(node.span, format!("unknown value `{required}`"))
                .help("`requires` is \"cuda\", or absent"),
        );
    }
    true
}

/// Where a setting belongs.
#[derive(Debug, PartialEq, Eq)]
enum Owner {
    DatasetName,
    ModelName,
    Dataset(String),
    Model(String),
    Window,
    Split,
    Train,
    Seed,
}

/// Makes the cells of one experiment.
struct Expansion<'a> {
    experiment: &'a str,
    requires_cuda: bool,
    datasets: Declared<SeriesSource>,
    models: Declared<ModelSpec>,
    /// As a network sees it, and as a baseline does.
    windows: [Maker<WindowSpec>; 2],
    splits: [Maker<SeriesSplit>; 2],
    train: Maker<TrainSpec>,
    seed: Maker<u64>,
    settings: Vec<Setting>,
    owners: Vec<Owner>,
    used: HashSet<usize>,
}

/// The tables `[dataset.NAME]`, or `[model.NAME]`.
struct Declared<T> {
    /// "dataset" or "model"
    what: &'static str,
    makers: BTreeMap<String, Maker<T>>,
    headers: Vec<(String, Span)>,
}

impl<T: serde::Serialize + Clone> Declared<T> {
    fn new(
        what: &'static str,
        tree: &Table,
        read: kinds::ReadPart<T>,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let entries = tree
            .get(what)
            .and_then(Node::as_table)
            .map_or(&[][..], |table| &table.entries);
        let mut declared = Self {
            what,
            makers: BTreeMap::new(),
            headers: Vec::new(),
        };
        for entry in entries {
            let name = entry.key.as_str();
            if !name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
                || name.is_empty()
            {
                problems.push(
                    Diagnostic::at(entry.key_span, format!("the name {name:?} cannot be used"))
                        .help("a name is made of letters, digits, _ and -"),
                );
            }
            let maker = Maker::new(&[what, name], Some(entry), read);
            declared.makers.insert(name.to_owned(), maker);
            declared.headers.push((name.to_owned(), header(entry)));
        }
        declared
    }

    fn names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn header(&self, name: &str) -> Option<Span> {
        let (_, span) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(*span)
    }

    /// Says that a name is not declared.
    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let names = self.names();
        let what = self.what;
        Diagnostic::at(span, format!("unknown {what} `{name}`")).help(format!(
            "{}the file declares {}",
            did_you_mean(name, names.iter().copied()),
            if names.is_empty() {
                format!("no [{what}.NAME]")
            } else {
                listed(&names)
            }
        ))
    }

    /// The one that every cell has where no axis says it.
    fn only(&self, problems: &mut Vec<Diagnostic>) -> Option<&str> {
        let what = self.what;
        match self.headers.as_slice() {
            [] => {
                problems.push(
                    Diagnostic::nowhere(format!("the experiment has no {what}"))
                        .help(format!("declare one as [{what}.NAME]")),
                );
                None
            }
            [(name, _)] => Some(name),
            [_, (_, second), ..] => {
                let names: Vec<String> = self
                    .names()
                    .iter()
                    .map(|name| format!("\"{name}\""))
                    .collect();
                problems.push(
                    Diagnostic::at(
                        *second,
                        format!("several {what}s are declared, and no axis says which to use"),
                    )
                    .help(format!("add {what} = [{}] to [grid]", names.join(", "))),
                );
                None
            }
        }
    }
}

fn header(entry: &Entry) -> Span {
    match &entry.node.value {
        Value::Table(_) => entry.node.span,
        _ => entry.key_span,
    }
}

impl<'a> Expansion<'a> {
    fn new(
        tree: &Table,
        experiment: &'a str,
        requires_cuda: bool,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let window = tree.entry("window");
        let split = tree.entry("split");
        let default_seed = Entry {
            key: "seed".to_owned(),
            key_span: Span { start: 0, end: 0 },
            node: Node {
                span: Span { start: 0, end: 0 },
                value: Value::Integer(0),
            },
        };
        Self {
            experiment,
            requires_cuda,
            datasets: Declared::new("dataset", tree, kinds::dataset, problems),
            models: Declared::new("model", tree, kinds::model, problems),
            windows: [
                Maker::new(&["window"], window, kinds::window),
                Maker::new(&["window"], window, kinds::window_of_baseline),
            ],
            splits: [
                Maker::new(&["split"], split, kinds::split),
                Maker::new(&["split"], split, kinds::split_of_baseline),
            ],
            train: Maker::new(&["train"], tree.entry("train"), kinds::train),
            seed: Maker::new(
                &["seed"],
                Some(tree.entry("seed").unwrap_or(&default_seed)),
                kinds::seed,
            ),
            settings: Vec::new(),
            owners: Vec::new(),
            used: HashSet::new(),
        }
    }

    fn cells(
        &mut self,
        grid: Grid,
        strictness: Strictness,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Cell> {
        let size = grid.size();
        if let Err(too_many) = size {
            problems.push(too_many);
            self.check_unused(problems);
            return Vec::new();
        }
        let span = grid.span;
        let before = problems.len();
        let points = self.points(grid, strictness, problems);
        let sound = problems.len() == before;
        let mut cells = Vec::new();
        let mut known = HashSet::new();
        for point in &points {
            if let Some((key, cell)) = self.cell(point, problems)
                && known.insert(key)
            {
                cells.push(cell);
            }
        }
        self.check_unused(problems);
        if points.is_empty() && sound {
            let message = "no cell is left";
            problems.push(match span {
                Some(span) => Diagnostic::at(span, message).help("[[grid.exclude]] drops them all"),
                None => Diagnostic::nowhere(message),
            });
        }
        cells
    }

    /// The settings of each cell, by their index: the product of the axes without what is excluded, with what is included.
    fn points(
        &mut self,
        grid: Grid,
        strictness: Strictness,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Vec<usize>> {
        // Dimension → position → the settings that it brings.
        let mut dimensions: Vec<Vec<Vec<usize>>> = Vec::new();
        for dimension in &grid.dimensions {
            let mut positions = vec![Vec::new(); dimension.len()];
            for axis in &dimension.axes {
                if !self.is_setting(&axis.path, axis.key_span, problems) {
                    continue;
                }
                for (position, value) in positions.iter_mut().zip(&axis.values) {
                    let setting = Setting {
                        path: axis.path.clone(),
                        key_span: axis.key_span,
                        value: value.clone(),
                    };
                    position.push(self.add(setting, problems));
                }
            }
            dimensions.push(positions);
        }
        let mut points: Vec<Vec<usize>> = vec![Vec::new()];
        for positions in &dimensions {
            points = points
                .iter()
                .flat_map(|point| {
                    positions.iter().map(|position| {
                        let mut longer = point.clone();
                        longer.extend(position);
                        longer
                    })
                })
                .collect();
        }
        for pairs in &grid.exclude {
            self.exclude(pairs, &mut points, strictness, problems);
        }
        for pairs in grid.include {
            let mut point = Vec::new();
            for setting in pairs.settings {
                if self.is_setting(&setting.path, setting.key_span, problems) {
                    point.push(self.add(setting, problems));
                }
            }
            points.push(point);
        }
        points
    }

    fn exclude(
        &self,
        pairs: &Pairs,
        points: &mut Vec<Vec<usize>>,
        strictness: Strictness,
        problems: &mut Vec<Diagnostic>,
    ) {
        let matching: Vec<HashSet<usize>> = pairs
            .settings
            .iter()
            .map(|pair| {
                let value = id::of_node(&pair.value);
                let settings = self.settings.iter().enumerate();
                settings
                    .filter(|(_, setting)| {
                        setting.path == pair.path && id::of_node(&setting.value) == value
                    })
                    .map(|(index, _)| index)
                    .collect()
            })
            .collect();
        let before = points.len();
        points.retain(|point| {
            !matching
                .iter()
                .all(|settings| point.iter().any(|setting| settings.contains(setting)))
        });
        if points.len() == before && strictness == Strictness::Whole {
            problems.push(
                Diagnostic::at(pairs.span, "this exclusion matches no cell")
                    .help("each pair is an axis and one of its values; all must match one cell"),
            );
        }
    }

    /// Whether a path names something that an axis can move.
    fn is_setting(&self, path: &[String], span: Span, problems: &mut Vec<Diagnostic>) -> bool {
        let root = path[0].as_str();
        if !ROOTS.contains(&root) {
            problems.push(
                Diagnostic::at(span, format!("`{}` is no setting", path.join("."))).help(format!(
                    "{}an axis begins with {}",
                    did_you_mean(root, ROOTS),
                    listed(&ROOTS)
                )),
            );
            return false;
        }
        let declared = match (root, path.get(1)) {
            ("dataset", Some(name)) => (!self.datasets.makers.contains_key(name))
                .then(|| self.datasets.unknown(name, span)),
            ("model", Some(name)) => {
                (!self.models.makers.contains_key(name)).then(|| self.models.unknown(name, span))
            }
            _ => None,
        };
        let fine = declared.is_none();
        problems.extend(declared);
        fine
    }

    fn add(&mut self, setting: Setting, problems: &mut Vec<Diagnostic>) -> usize {
        let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
        let owner = match path.as_slice() {
            ["dataset"] => Owner::DatasetName,
            ["model"] => Owner::ModelName,
            ["dataset", name, ..] => Owner::Dataset((*name).to_owned()),
            ["model", name, ..] => Owner::Model((*name).to_owned()),
            ["window", ..] => Owner::Window,
            ["split", ..] => Owner::Split,
            ["train", ..] => Owner::Train,
            _ => Owner::Seed,
        };
        let span = setting.value.span;
        let unknown = match (&owner, setting.value.as_str()) {
            (Owner::DatasetName, Some(name)) if !self.datasets.makers.contains_key(name) => {
                Some(self.datasets.unknown(name, span))
            }
            (Owner::ModelName, Some(name)) if !self.models.makers.contains_key(name) => {
                Some(self.models.unknown(name, span))
            }
            (Owner::DatasetName | Owner::ModelName, None) => {
                let found = setting.value.value.in_words();
                let message = format!("expected the name of a {}, found {found}", setting.path[0]);
                Some(Diagnostic::at(span, message))
            }
            _ => None,
        };
        problems.extend(unknown);
        self.settings.push(setting);
        self.owners.push(owner);
        self.settings.len() - 1
    }

    /// Those settings of a point that belong to `owner`.
    fn chosen(&mut self, point: &[usize], owner: &Owner) -> Vec<usize> {
        let chosen: Vec<usize> = point
            .iter()
            .copied()
            .filter(|index| self.owners[*index] == *owner)
            .collect();
        self.used.extend(&chosen);
        chosen
    }

    /// The name that a point gives, or the only one that is declared.
    fn name(
        &self,
        point: &[usize],
        owner: &Owner,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let given = point.iter().find(|index| self.owners[**index] == *owner);
        match given {
            Some(index) => self.settings[*index].value.as_str().map(str::to_owned),
            None if *owner == Owner::DatasetName => self.datasets.only(problems).map(str::to_owned),
            None => self.models.only(problems).map(str::to_owned),
        }
    }

    /// The cell at a point, with what it is compared by.
    fn cell(
        &mut self,
        point: &[usize],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<(Vec<Option<String>>, Cell)> {
        let dataset_name = self.name(point, &Owner::DatasetName, problems);
        let model_name = self.name(point, &Owner::ModelName, problems);
        let (dataset_name, model_name) = (dataset_name?, model_name?);
        let chosen = self.chosen(point, &Owner::Dataset(dataset_name.clone()));
        let dataset = self
            .datasets
            .makers
            .get_mut(&dataset_name)
            .and_then(|maker| maker.make(&chosen, &self.settings, problems));
        let chosen = self.chosen(point, &Owner::Model(model_name.clone()));
        let model = self
            .models
            .makers
            .get_mut(&model_name)
            .and_then(|maker| maker.make(&chosen, &self.settings, problems));
        let trained = model
            .as_ref()
            .is_none_or(|model| kinds::is_trained(&model.spec));
        let view = usize::from(!trained);
        let window_chosen = self.chosen(point, &Owner::Window);
        let window = self.windows[view].make(&window_chosen, &self.settings, problems);
        let split_chosen = self.chosen(point, &Owner::Split);
        let split = self.splits[view].make(&split_chosen, &self.settings, problems);
        let series = self.datasets.header(&dataset_name)?;
        for (table, absent) in [
            ("window", self.windows[view].is_absent(&window_chosen)),
            ("split", self.splits[view].is_absent(&split_chosen)),
        ] {
            if absent {
                let message =
                    format!("the dataset `{dataset_name}` is a series and needs [{table}]");
                problems.push(Diagnostic::at(series, message).help(match table {
                    "window" => "add [window] with lookback and horizon",
                    _ => "add [split] with kind = \"holdout\" or kind = \"backtest\"",
                }));
            }
        }
        let mut train = None;
        let mut seed = None;
        if trained {
            let chosen = self.chosen(point, &Owner::Train);
            train = self.train.make(&chosen, &self.settings, problems);
            if self.train.is_absent(&chosen)
                && let (Some(span), true) = (self.models.header(&model_name), model.is_some())
            {
                let message = format!("the model `{model_name}` is trained and needs [train]");
                problems.push(Diagnostic::at(span, message).help(
                    "add [train] with epochs, batch_size, loss, optimizer and learning_rate",
                ));
            }
            let chosen = self.chosen(point, &Owner::Seed);
            seed = self.seed.make(&chosen, &self.settings, problems);
            if let (Some(train), Some(split)) = (&train, &split) {
                checks::training(train, split, TaskKind::Regression, problems);
            }
        }
        let (dataset, model, window, split) = (dataset?, model?, window?, split?);
        if trained && (train.is_none() || seed.is_none()) {
            return None;
        }
        let made = Made {
            point,
            dataset_name,
            model_name,
            dataset,
            model,
            window,
            split,
            train,
            seed,
        };
        Some((made.compared_by(), made.cell(self)))
    }

    /// What the cells have, for the report to name.
    fn known(&self) -> Known {
        let mut known = Known::new();
        for (name, maker) in &self.datasets.makers {
            note_named(&mut known, "dataset", name, maker.configurations());
        }
        for (name, maker) in &self.models.makers {
            note_named(&mut known, "model", name, maker.configurations());
        }
        for window in self.windows.iter().flat_map(Maker::configurations) {
            note(&mut known, "window", window);
        }
        for split in self.splits.iter().flat_map(Maker::configurations) {
            note(&mut known, "split", split);
        }
        for train in self.train.configurations() {
            note(&mut known, "train", train);
        }
        for seed in self.seed.configurations() {
            note(&mut known, "seed", seed);
        }
        known
    }

    fn check_unused(&self, problems: &mut Vec<Diagnostic>) {
        let unused = |owner: &Owner| -> Vec<usize> {
            (0..self.settings.len())
                .filter(|index| self.owners[*index] == *owner && !self.used.contains(index))
                .collect()
        };
        let settings = &self.settings;
        for (name, maker) in &self.datasets.makers {
            maker.check_unused(&unused(&Owner::Dataset(name.clone())), settings, problems);
        }
        for (name, maker) in &self.models.makers {
            maker.check_unused(&unused(&Owner::Model(name.clone())), settings, problems);
        }
        self.windows[0].check_unused(&unused(&Owner::Window), settings, problems);
        self.splits[0].check_unused(&unused(&Owner::Split), settings, problems);
        self.train
            .check_unused(&unused(&Owner::Train), settings, problems);
        self.seed
            .check_unused(&unused(&Owner::Seed), settings, problems);
    }
}

/// Notes the name of a table that cells use, and the settings in it.
fn note_named<'a>(
    known: &mut Known,
    what: &str,
    name: &str,
    configurations: impl Iterator<Item = &'a Json>,
) {
    for configuration in configurations {
        known
            .entry(what.to_owned())
            .or_default()
            .insert(name.to_owned());
        note(known, &format!("{what}.{name}"), configuration);
    }
}

/// Notes the value at a path, and those below it.
fn note(known: &mut Known, path: &str, value: &Json) {
    if path.contains('.') || !value.is_object() {
        known
            .entry(path.to_owned())
            .or_default()
            .insert(id::of_json(value));
    }
    for (key, below) in value.as_object().into_iter().flatten() {
        note(known, &format!("{path}.{key}"), below);
    }
}

/// All parts of one cell.
struct Made<'a> {
    point: &'a [usize],
    dataset_name: String,
    model_name: String,
    dataset: Rc<Part<SeriesSource>>,
    model: Rc<Part<ModelSpec>>,
    window: Rc<Part<WindowSpec>>,
    split: Rc<Part<SeriesSplit>>,
    train: Option<Rc<Part<TrainSpec>>>,
    seed: Option<Rc<Part<u64>>>,
}

impl Made<'_> {
    /// Equal for cells of equal configuration.
    fn compared_by(&self) -> Vec<Option<String>> {
        let number = |number: usize| Some(number.to_string());
        vec![
            Some(self.dataset_name.clone()),
            Some(self.model_name.clone()),
            number(self.dataset.number),
            number(self.model.number),
            number(self.window.number),
            number(self.split.number),
            self.train.as_ref().and_then(|train| number(train.number)),
            self.seed.as_ref().and_then(|seed| number(seed.number)),
        ]
    }

    fn cell(self, expansion: &Expansion<'_>) -> Cell {
        let telling: Vec<&Setting> = self
            .dataset
            .telling
            .iter()
            .chain(&self.model.telling)
            .chain(&self.window.telling)
            .chain(&self.split.telling)
            .chain(self.train.iter().flat_map(|train| &train.telling))
            .chain(self.seed.iter().flat_map(|seed| &seed.telling))
            .map(|index| &expansion.settings[*index])
            .collect();
        Cell {
            experiment: expansion.experiment.to_owned(),
            id: expand::id(&self.dataset_name, &self.model_name, &telling),
            axes: self.axes(expansion),
            data: DataSpec::Series {
                source: self.dataset.spec.clone(),
                window: self.window.spec.clone(),
                split: self.split.spec.clone(),
            },
            model: self.model.spec.clone(),
            train: self.train.map(|train| train.spec.clone()),
            seed: self.seed.map(|seed| seed.spec),
            requires_cuda: expansion.requires_cuda,
            dataset_name: self.dataset_name,
            model_name: self.model_name,
        }
    }

    /// The axes that this cell reads, with their values.
    fn axes(&self, expansion: &Expansion<'_>) -> BTreeMap<String, Json> {
        let trained = self.train.is_some();
        let mut axes = BTreeMap::new();
        for index in self.point {
            let path = &expansion.settings[*index].path;
            if !trained && kinds::is_unread_by_baselines(path) {
                continue;
            }
            let inside = |configuration: &Json, depth: usize| {
                expand::below(configuration, &path[depth..]).cloned()
            };
            let value = match &expansion.owners[*index] {
                Owner::DatasetName => Some(Json::from(self.dataset_name.as_str())),
                Owner::ModelName => Some(Json::from(self.model_name.as_str())),
                Owner::Dataset(name) if *name == self.dataset_name => {
                    inside(&self.dataset.configuration, 2)
                }
                Owner::Model(name) if *name == self.model_name => {
                    inside(&self.model.configuration, 2)
                }
                Owner::Dataset(_) | Owner::Model(_) => None,
                Owner::Window => inside(&self.window.configuration, 1),
                Owner::Split => inside(&self.split.configuration, 1),
                Owner::Train => self
                    .train
                    .as_ref()
                    .and_then(|train| inside(&train.configuration, 1)),
                Owner::Seed => self.seed.as_ref().map(|seed| seed.configuration.clone()),
            };
            if let Some(value) = value {
                axes.insert(path.join("."), value);
            }
        }
        axes
    }
}
