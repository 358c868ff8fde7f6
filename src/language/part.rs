//! One part of every cell: a dataset, the window, the split, a model, the training, or the seed.
//!
//! A part is read once for each combination of
//! the axis values below it, with those values put into the file's tree at their own places, so that a mistake that only
//! shows in one cell is blamed on the axis value that brings it.

use std::collections::HashMap;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value as Json;

use super::diagnostic::Diagnostic;
use super::grid::Setting;
use super::kinds::{ReadPart, unfold};
use super::read::Missing;
use super::tree::{Entry, Node, Table, Value};

/// A part as one cell or several have it.
pub(super) struct Part<T> {
    /// The settings.
    pub spec: T,
    /// The tree that they were read from.
    pub node: Node,
    /// The same settings as records hold them, every default filled in.
    pub configuration: Json,
    /// Equal for parts of equal configuration, and only for those.
    pub number: usize,
    /// The settings that axes moved, from this part on: `["horizon"]` in the window.
    pub moved: Vec<Vec<String>>,
}

/// Makes one part of every cell.
pub(super) struct Maker<T> {
    /// Where the part stands in the file, as `["model", "lstm"]`.
    place: Vec<String>,
    /// What the file says outside `[grid]`.
    base: Option<Entry>,
    read: ReadPart<T>,
    resolved: HashMap<Vec<usize>, Resolved<T>>,
    parts: HashMap<Vec<usize>, Option<Rc<Part<T>>>>,
    numbers: HashMap<String, usize>,
    /// The file's own table, where no cell has read it.
    unused: Option<T>,
}

/// A part before it is compared with the file's own.
struct Resolved<T> {
    made: Option<Rc<(T, Node, Json)>>,
    problems: Vec<Diagnostic>,
}

impl<T: Serialize + Clone> Maker<T> {
    /// A maker of the part at `place`.
    pub(super) fn new(place: &[&str], base: Option<&Entry>, read: ReadPart<T>) -> Self {
        Self {
            place: place.iter().map(|part| (*part).to_owned()).collect(),
            base: base.cloned(),
            read,
            resolved: HashMap::new(),
            parts: HashMap::new(),
            numbers: HashMap::new(),
            unused: None,
        }
    }

    /// Whether neither the file nor the chosen settings say anything of this part.
    pub(super) fn is_absent(&self, chosen: &[usize]) -> bool {
        self.base.is_none() && chosen.is_empty()
    }

    /// The word of the part's kind, which a part with a mistake has too.
    pub(super) fn kind<'a>(&'a self, chosen: &[usize], settings: &'a [Setting]) -> Option<&'a str> {
        let mut chosen = chosen.iter().map(|index| &settings[*index]);
        let of_axis = chosen.find(|setting| setting.path[self.place.len()..] == ["kind"]);
        match of_axis {
            Some(setting) => setting.value.as_str(),
            None => self.base()?.as_table()?.get("kind")?.as_str(),
        }
    }

    /// What the file says outside `[grid]`.
    pub(super) fn base(&self) -> Option<&Node> {
        self.base.as_ref().map(|base| &base.node)
    }

    /// The part with the `chosen` settings put in; `None` after a mistake, or where the file has no such part.
    pub(super) fn make(
        &mut self,
        chosen: &[usize],
        settings: &[Setting],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Rc<Part<T>>> {
        if let Some(part) = self.parts.get(chosen) {
            return part.clone();
        }
        let part = self.make_new(chosen, settings, problems).map(Rc::new);
        self.parts.insert(chosen.to_vec(), part.clone());
        part
    }

    fn make_new(&mut self, chosen: &[usize], settings: &[Setting], problems: &mut Vec<Diagnostic>) -> Option<Part<T>> {
        let resolved = self.resolve(chosen, settings);
        problems.extend(resolved.problems.iter().cloned());
        let made = resolved.made.clone()?;
        let (spec, node, configuration) = &*made;
        let next = self.numbers.len();
        let number = *self.numbers.entry(configuration.to_string()).or_insert(next);
        Some(Part {
            spec: spec.clone(),
            node: node.clone(),
            configuration: configuration.clone(),
            number,
            moved: chosen
                .iter()
                .map(|index| settings[*index].path[self.place.len()..].to_vec())
                .collect(),
        })
    }

    /// The configurations of every part that was made.
    pub(super) fn configurations(&self) -> impl Iterator<Item = &Json> {
        self.parts.values().flatten().map(|part| &part.configuration)
    }

    fn resolve(&mut self, chosen: &[usize], settings: &[Setting]) -> &Resolved<T> {
        if !self.resolved.contains_key(chosen) {
            let mut problems = Vec::new();
            let made = self.substituted(chosen, settings, &mut problems).and_then(|node| {
                let spec = (self.read)(&node, Missing::Reported, &mut problems)?;
                let configuration = serde_json::to_value(&spec).expect("a spec is made of words, numbers, lists and tables");
                Some(Rc::new((spec, node, configuration)))
            });
            self.resolved.insert(chosen.to_vec(), Resolved { made, problems });
        }
        &self.resolved[chosen]
    }

    /// Every spec that was made, and that of the file's own table where no cell has read it.
    pub(super) fn specs(&self) -> impl Iterator<Item = &T> {
        let made = self.parts.values().flatten().map(|part| &part.spec);
        made.chain(&self.unused)
    }

    /// Looks for mistakes in what no cell has read: the file's own table, and each of the `unused` settings.
    pub(super) fn check_unused(&mut self, unused: &[usize], settings: &[Setting], problems: &mut Vec<Diagnostic>) {
        let mut read = |chosen: &[usize]| {
            let node = self.substituted(chosen, settings, problems)?;
            (self.read)(&node, Missing::Expected, problems)
        };
        let own = if self.parts.is_empty() { read(&[]) } else { None };
        for setting in unused {
            read(&[*setting]);
        }
        self.unused = own;
    }

    /// The file's tree with the values put in.
    fn substituted(&self, chosen: &[usize], settings: &[Setting], problems: &mut Vec<Diagnostic>) -> Option<Node> {
        let mut node = self.base.as_ref().map(|base| base.node.clone());
        // The settings of one kind mean nothing to another, as where a file extends another.
        let kind = chosen
            .iter()
            .map(|index| &settings[*index])
            .find(|setting| setting.path[self.place.len()..] == ["kind"]);
        if let (Some(kind), Some(Value::Table(table))) = (kind, node.as_mut().map(|node| &mut node.value))
            && table.get("kind").and_then(Node::as_str) != kind.value.as_str()
        {
            *table = Table::default();
        }
        for setting in chosen.iter().map(|index| &settings[*index]) {
            let path = &setting.path[self.place.len()..];
            if path.is_empty() {
                node = Some(setting.value.clone());
                continue;
            }
            let node = node.get_or_insert_with(|| Node {
                span: setting.key_span,
                value: Value::Table(Table::default()),
            });
            let Value::Table(table) = &mut node.value else {
                let found = node.value.in_words();
                let message = format!("`{}` is {found} and no table", self.place.join("."));
                problems.push(Diagnostic::at(setting.key_span, message));
                return None;
            };
            // A word that another axis has put there.
            if path.len() > 1 {
                unfold(table);
            }
            if let Err(message) = table.set(path, setting.key_span, setting.value.clone()) {
                problems.push(Diagnostic::at(setting.key_span, message));
                return None;
            }
        }
        node
    }
}

/// The value at a path of a configuration.
pub(super) fn below<'a>(configuration: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(configuration, |value, part| value.get(part))
}
