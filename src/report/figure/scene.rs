//! What one figure shows: the cells and records of one combination of its `each`, its title, and which series has
//! which looks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Figure, Kind};
use crate::console::{counted, joined};
use crate::language::configuration::value_at;
use crate::language::report::FigureSpec;
use crate::metric;
use crate::report::DataTable;
use crate::report::alike::Alike;
use crate::report::draw::svg;
use crate::report::results::ExperimentResults;
use crate::report::select::{self, compare, groups, matches, setting, show, values_at};
use crate::store::card::{Contents, CutCard, PlannedCell, how_cut};
use crate::store::record::Stored;
use crate::task::{REGRESSION, TASKS, Task};

/// One figure to draw.
#[derive(Clone)]
pub(super) struct Scene<'a> {
    /// What is asked for.
    pub spec: &'a FigureSpec,
    /// Where it comes from.
    pub experiment: &'a ExperimentResults,
    /// What kind of figure it is.
    pub kind: &'static Kind,
    /// The task of all its cells.
    pub task: &'static Task,
    /// Which of the experiment's declarations it is.
    pub place: Place,
    /// Dotted path → value, of the paths that `each` names.
    pub each: Vec<(String, Value)>,
    /// What tells it from the others of its declaration and is not said by the title as it is written.
    told: Vec<String>,
    /// Configurations of the planned cells that belong to it.
    pub cells: Vec<&'a Value>,
    /// Their ids.
    ids: Vec<&'a str>,
    /// Their records, as far as there are some.
    pub records: Vec<&'a Stored>,
}

/// What tells a declaration from others of the same experiment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// What follows its title; empty unless another declaration has the same title.
    pub suffix: String,
    /// How many declarations before it are equal to it.
    pub copy: usize,
}

impl<'a> Scene<'a> {
    /// One for each combination of the values of `each`, in their natural order. A cell that does not read a path of
    /// `each` is the same for all its values, so it belongs to every combination. Cells of different tasks never share a
    /// figure.
    pub(super) fn all(spec: &'a FigureSpec, place: &Place, experiment: &'a ExperimentResults) -> Vec<Self> {
        let kind = super::kind_of(spec.kind);
        let cells = experiment.card.in_order();
        let of_task = |task| {
            let cells = cells.iter().copied();
            cells.filter(move |(_, cell)| experiment.card.task_of(cell) == Some(task) && matches(cell, &spec.filter))
        };
        // A task none of whose cells reads some path of `each` has no figure where the other task has one.
        let reads_all = |task: &&'static Task| {
            let reads = |path: &String| of_task(*task).any(|(_, cell)| value_at(cell, path).is_some());
            spec.each.iter().all(reads)
        };
        let mut tasks = tasks_of(spec);
        tasks.retain(|task| of_task(*task).next().is_some());
        if tasks.iter().any(reads_all) {
            tasks.retain(reads_all);
        }
        if tasks.is_empty() {
            tasks.push(spec.kind.takes().task.unwrap_or(&REGRESSION));
        }
        let mut scenes: Vec<Self> = tasks
            .into_iter()
            .flat_map(|task| {
                let cells: Vec<_> = of_task(task).collect();
                let whole = Self {
                    spec,
                    kind,
                    experiment,
                    task,
                    place: place.clone(),
                    each: Vec::new(),
                    told: Vec::new(),
                    cells: Vec::new(),
                    ids: Vec::new(),
                    records: Vec::new(),
                };
                whole.divided(&cells)
            })
            .collect();
        let told = untold(&scenes);
        for (scene, told) in scenes.iter_mut().zip(told) {
            scene.told = told;
        }
        scenes
    }

    /// One for each combination of the values of `each` among these cells.
    fn divided(self, cells: &[(&'a String, &'a Value)]) -> Vec<Self> {
        let mut paths = self.spec.each.clone();
        if self.kind.of_one_dataset && !paths.iter().any(|path| path == "dataset") {
            paths.insert(0, "dataset".to_owned());
        }
        let found = groups(cells, &paths, |(_, configuration)| configuration);
        let mut combinations: Vec<Vec<Value>> = found.into_iter().map(|(values, _)| values).collect();
        let is_whole = |values: &Vec<Value>| !values.contains(&Value::Null);
        if combinations.iter().any(is_whole) {
            combinations.retain(is_whole);
        }
        if combinations.is_empty() {
            combinations.push(vec![Value::Null; paths.len()]);
        }
        let own = Alike::new(cells.iter().map(|(_, cell)| values_at(cell, &paths)).collect());
        combinations
            .into_iter()
            .map(|values| {
                let belonging = own.of(&values);
                let belongs = |place: &&usize| {
                    // What lacks a value belongs to all of them; what has one to none that lacks it.
                    let (_, cell) = cells[**place];
                    let has = values_at(cell, &paths);
                    has.iter().zip(&values).all(|(own, value)| own.is_null() || !value.is_null())
                };
                let cells = belonging.iter().filter(belongs).map(|&place| &cells[place]);
                let record = |(id, _): &(&String, _)| self.experiment.record(id);
                Self {
                    cells: cells.clone().map(|(_, cell)| *cell).collect(),
                    ids: cells.clone().map(|(id, _)| id.as_str()).collect(),
                    records: cells.filter_map(record).collect(),
                    each: paths.iter().cloned().zip(values).collect(),
                    ..self.clone()
                }
            })
            .collect()
    }

    /// The dataset's name, where the figure shows one.
    pub(super) fn dataset(&self) -> &str {
        let of_cell = || self.cells.first().and_then(|cell| value_at(cell, "dataset"));
        let each = self.each.iter().find(|(path, _)| path == "dataset");
        each.map(|(_, value)| value)
            .or_else(of_cell)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The title as the user wrote it with `{path}` filled in, or that of the kind; behind it what tells this figure from its
    /// siblings and is not said yet.
    pub(super) fn title(&self) -> String {
        let mut title = self.spec.title.clone();
        if title.is_empty() {
            title = self.kind.title.to_owned();
            // Nobody wrote what this figure is about.
            for (path, value) in self.each.iter().filter(|(_, value)| !value.is_null()) {
                title += &format!(", {}", setting(path, &show(value)));
            }
        }
        for (path, value) in &self.each {
            title = title.replace(&format!("{{{path}}}"), &show(value));
        }
        for told in &self.told {
            title += &format!(", {told}");
        }
        title + &self.place.suffix
    }

    /// The title of one of several views, followed by what tells it from them.
    pub(super) fn title_told(&self, told: &str) -> String {
        let title = self.title();
        match told {
            "" => title,
            told => format!("{title}, {told}"),
        }
    }

    /// The title of one of several views, each about one thing of that name.
    pub(super) fn title_of(&self, name: &str, several: bool) -> String {
        let title = self.title().replace("{model}", name);
        if several && !self.says_model() {
            format!("{title}: {name}")
        } else {
            title
        }
    }

    /// Whether the title as it is written names the model.
    pub(super) fn says_model(&self) -> bool {
        let of_each = self.each.iter().any(|(path, _)| path == "model");
        self.spec.title.contains("{model}") || (self.spec.title.is_empty() && of_each)
    }

    /// An id that no other drawing of the page has: experiment, declaration and combination, hashed. `part` tells apart
    /// several drawings of one scene.
    pub(super) fn id(&self, part: usize) -> String {
        let spec = serde_json::to_string(self.spec).expect("a figure's settings are plain data");
        let each = Value::Array(self.each.iter().map(|(_, value)| value.clone()).collect());
        // Ids that were given before there was a second task stay.
        let task = match self.task.word {
            word if word == REGRESSION.word => String::new(),
            word => format!("\n{word}"),
        };
        let copy = match self.place.copy {
            0 => String::new(),
            copy => format!("\ncopy {copy}"),
        };
        let text = format!("{}\n{spec}\n{each}\n{part}{task}{copy}", self.experiment.card.name);
        format!("figure-{}", &blake3::hash(text.as_bytes()).to_hex()[..10])
    }

    /// What the user says about the figure, then what the program does.
    pub(super) fn description(&self, ours: &str) -> String {
        format!("{} {ours}", self.spec.description.trim()).trim().to_owned()
    }

    /// A figure without data: what is missing, and how to get it.
    pub(super) fn without(&self, what: &str) -> Figure {
        let cells = match self.cells.len() {
            0 => "No planned cell matches `where` and `each` of this figure; compare them with the grid.".to_owned(),
            n => format!(
                "{what} The {} that {} here: {}.",
                counted(n, "cell"),
                if n == 1 { "belongs" } else { "belong" },
                self.standing()
            ),
        };
        let sentences = ["Nothing to draw yet.".to_owned(), cells];
        Figure {
            title: self.title(),
            text: sentences.join(" "),
            drawing: Some(svg::notice(&sentences)),
            table: DataTable::default(),
        }
    }

    /// That no value of its dataset is published, with what is needed to see some, in sentences; none where they are. `what` is what
    /// would be drawn of them.
    pub(super) fn unpublished(&self, what: &str) -> Option<String> {
        let dataset = self.cells.first().and_then(|cell| cell.get("dataset"))?;
        let is_published = dataset.get("publish") != Some(&Value::Bool(false));
        let file = dataset.get("file").and_then(Value::as_str).unwrap_or("the data");
        (!is_published).then(|| {
            format!(
                "No value of this dataset is published (`publish = false`): records and card hold errors, counts, the scaler and digests, \
                 and {what} cannot be drawn from them. It takes the data: who has {file} sees them after `publish = true` and \
                 `runner sweep --results FOLDER` with a folder of one's own."
            )
        })
    }

    /// A figure that is a text alone.
    pub(super) fn told_only(&self, text: String) -> Figure {
        Figure {
            title: self.title(),
            text,
            drawing: None,
            table: DataTable::default(),
        }
    }

    /// The zone that tells the times of its dataset, as the label of an axis; empty where none does.
    pub(super) fn time_label(&self) -> String {
        let zone = self.contents().and_then(|contents| contents.zone.as_ref());
        zone.map_or_else(String::new, |zone| format!("time in {zone}"))
    }

    /// How many of its cells are in which state, and what is to be done.
    fn standing(&self) -> String {
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &self.ids {
            *states.entry(self.experiment.told(id).name()).or_default() += 1;
        }
        if states.keys().all(|state| *state == "missing") {
            return "no record yet; `runner sweep` runs what is missing".to_owned();
        }
        let counts: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let then = if states.contains_key("missing") || states.contains_key("stale") {
            "; `runner sweep` runs what is missing or stale"
        } else if states.keys().any(|state| *state != "done") {
            "; the reasons stand under Cells"
        } else {
            ""
        };
        format!("{}{then}", counts.join(", "))
    }

    /// Its cells as they are planned.
    pub(super) fn planned(&self) -> impl Iterator<Item = &'a PlannedCell> {
        let card = &self.experiment.card;
        self.ids.iter().filter_map(|id| card.cells.get(*id))
    }

    /// What the datasets of its cells become, with the settings behind it, without repetitions. Of a dataset that networks see,
    /// what baselines see says no more.
    pub(super) fn cuts(&self) -> Vec<(&'a CutCard, Value)> {
        let card = &self.experiment.card;
        let dataset = |cell: &PlannedCell| value_at(&cell.configuration, "dataset").cloned();
        let seen_by_networks: Vec<Option<Value>> = card.cells.values().filter(is_network).map(dataset).collect();
        let is_told = |cell: &&PlannedCell| is_network(cell) || !seen_by_networks.contains(&dataset(cell));
        let mut cuts: BTreeMap<usize, (&CutCard, Value)> = BTreeMap::new();
        for cell in self.planned().filter(is_told) {
            if let Some((place, cut)) = cell.cut.zip(card.cut(cell))
                && !cut.parts.is_empty()
            {
                cuts.entry(place).or_insert_with(|| (cut, how_cut(&cell.configuration)));
            }
        }
        cuts.into_values().collect()
    }

    /// What its dataset holds, where that could be read.
    pub(super) fn contents(&self) -> Option<&'a Contents> {
        self.experiment.card.contents(self.dataset())
    }

    /// The number of a series, the same in all figures of an experiment: of a model its place among the models, of
    /// another value its place among all values of that path.
    pub(super) fn series(&self, path: &str, value: &Value) -> usize {
        if path == "model" {
            return self.experiment.place_of_model(value.as_str().unwrap_or_default());
        }
        let cells: Vec<&Value> = self.experiment.card.configurations().collect();
        groups(&cells, &[path.to_owned()], |cell| cell)
            .iter()
            .position(|(values, _)| compare(&values[0], value).is_eq())
            .unwrap_or_default()
    }
}

fn is_network(cell: &&PlannedCell) -> bool {
    cell.model.is_some()
}

/// For each figure of one declaration what its title leaves unsaid although the others differ in it.
fn untold(scenes: &[Scene]) -> Vec<Vec<String>> {
    let mut told = vec![Vec::new(); scenes.len()];
    let Some(first) = scenes.first() else {
        return told;
    };
    let title = &first.spec.title;
    let is_said = |path: &str| title.is_empty() || title.contains(&format!("{{{path}}}"));
    for (index, (path, _)) in first.each.iter().enumerate() {
        let value = |scene: &Scene| scene.each.get(index).map(|(_, value)| value.clone());
        if is_said(path) || scenes.iter().all(|scene| value(scene) == value(first)) {
            continue;
        }
        for (told, value) in told.iter_mut().zip(scenes.iter().map(value)) {
            told.extend(value.map(|value| setting(path, &show(&value))));
        }
    }
    // Where nothing of `each` tells series from clips, their names do.
    let alone = |scene: &Scene| scenes.iter().filter(|other| other.each == scene.each).count() == 1;
    if scenes.iter().any(|scene| scene.task != first.task) && !scenes.iter().all(alone) {
        for (told, scene) in told.iter_mut().zip(scenes) {
            let names = select::distinct(&scene.cells, "dataset");
            told.push(joined(&names.iter().map(show).collect::<Vec<_>>(), "and"));
        }
    }
    told
}

/// The tasks whose cells a figure can show: by its kind, or by the values that it names.
fn tasks_of(spec: &FigureSpec) -> Vec<&'static Task> {
    let mut tasks = TASKS.to_vec();
    if let Some(task) = spec.kind.takes().task {
        tasks.retain(|known| *known == task);
    }
    for name in &spec.metrics {
        let name = name.strip_prefix("validation_").unwrap_or(name);
        if let Some(metric) = metric::find(name) {
            tasks.retain(|known| *known == metric.task);
        }
    }
    tasks
}
