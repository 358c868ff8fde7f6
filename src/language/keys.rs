//! Which table reads which key: asked of the specs themselves, so that nothing here can fall behind them.

use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, Visitor};

use super::report::{ComparisonSpec, FigureSpec, TableSpec};
use super::suggest::synonym;
use crate::data::{Slot, Source, Split, slots};
use crate::kind::Kinds;
use crate::model::ModelSpec;
use crate::nn::loss::Loss;
use crate::nn::optimizer::OptimizerSpec;
use crate::train::{EarlyStoppingSpec, ReduceLearningRateSpec, Schedule, TrainSpec};

/// The keys of the file itself that are no tables.
pub(crate) const PLAIN: [&str; 5] = ["title", "seed", "extends", "requires", "predictions"];

/// The tables that have no names.
pub(crate) static UNNAMED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let slots = slots().iter().map(|slot| slot.table);
    slots.chain(["split", "train"]).collect()
});

/// The tables of a file.
pub(crate) static TABLES: LazyLock<Vec<&str>> =
    LazyLock::new(|| [&["dataset", "model", "grid", "report"][..], &UNNAMED].concat());

/// A place of a file that reads keys.
#[derive(Debug)]
pub(crate) struct Home {
    /// As a person writes it: `[train]`.
    pub written: String,
    /// Its dotted path, as `train` or `model.NAME`.
    pub path: &'static str,
    /// The keys that it reads.
    pub keys: Vec<&'static str>,
    /// Those of each kind; of a place without kinds under no word.
    kinds: Vec<Keys>,
}

/// The keys that a kind reads, behind its word.
type Keys = (&'static str, &'static [&'static str]);

/// Every place, those first that a key belongs in rather than in another.
pub(crate) fn homes() -> &'static [Home] {
    static HOMES: LazyLock<Vec<Home>> = LazyLock::new(every_home);
    &HOMES
}

fn every_home() -> Vec<Home> {
    let home = |written: &str, path, kinds: Vec<Keys>| Home {
        written: written.to_owned(),
        path,
        keys: kinds.iter().flat_map(|(_, keys)| *keys).copied().collect(),
        kinds,
    };
    let slots = slots()
        .iter()
        .map(|slot| home(&format!("[{}]", slot.table), slot.table, of_slot(slot)));
    let file = home("the file itself", "", vec![("", &PLAIN)]);
    let train = home("[train]", "train", of_struct::<TrainSpec>());
    let others = [
        home("[split]", "split", of_kinds::<Split>()),
        home("[model.NAME]", "model.NAME", of_kinds::<ModelSpec>()),
        home("[dataset.NAME]", "dataset.NAME", of_kinds::<Source>()),
        home(
            "`early_stopping` of [train]",
            "train.early_stopping",
            of_struct::<EarlyStoppingSpec>(),
        ),
        home(
            "`reduce_learning_rate` of [train]",
            "train.reduce_learning_rate",
            of_struct::<ReduceLearningRateSpec>(),
        ),
        home("the `optimizer` of [train]", "train.optimizer", of_kinds::<OptimizerSpec>()),
        home("the `loss` of [train]", "train.loss", of_kinds::<Loss>()),
        home("the `schedule` of [train]", "train.schedule", of_kinds::<Schedule>()),
        home("[[report.table]]", "report.table", of_struct::<TableSpec>()),
        home("[[report.figure]]", "report.figure", of_struct::<FigureSpec>()),
        home("[[report.comparison]]", "report.comparison", of_struct::<ComparisonSpec>()),
    ];
    [file, train].into_iter().chain(slots).chain(others).collect()
}

/// The place that reads a key; none where nothing does.
pub(crate) fn home_of(key: &str) -> Option<&'static Home> {
    homes().iter().find(|home| home.keys.contains(&key))
}

/// The dotted paths of every setting of a table without names, as `train.epochs`; those of each kind among them.
pub(crate) fn settings() -> Vec<String> {
    homes()
        .iter()
        .filter(|home| TABLES.contains(&home.path))
        .flat_map(|home| home.keys.iter().map(move |key| format!("{}.{key}", home.path)))
        .collect()
}

/// The table without names that reads a key, by its own name or another; none of what stands at the top of a file, or in paths.
pub(crate) fn table_of(key: &str) -> Option<&'static str> {
    if PLAIN.contains(&key) || TABLES.contains(&key) {
        return None;
    }
    let tables = homes().iter().filter(|home| TABLES.contains(&home.path));
    let mut reading = tables.filter(|home| synonym(key, &home.keys).is_some());
    reading.next().map(|home| home.path)
}

/// A key of a table by the name that it has here.
pub(crate) fn ours<'a>(table: &str, key: &'a str) -> &'a str {
    let home = homes().iter().find(|home| home.path == table);
    home.and_then(|home| synonym(key, &home.keys)).unwrap_or(key)
}

/// Whether the place at `path` reads a key.
pub(crate) fn reads(path: &str, key: &str) -> bool {
    homes().iter().any(|home| home.path == path && home.keys.contains(&key))
}

/// The kinds of a table at `path` that read a key.
pub(crate) fn kinds_that_read(path: &str, key: &str) -> Vec<&'static str> {
    let home = homes().iter().find(|home| home.path == path);
    let kinds = home.into_iter().flat_map(|home| &home.kinds);
    kinds.filter(|(_, keys)| keys.contains(&key)).map(|(kind, _)| *kind).collect()
}

fn of_slot(slot: &'static Slot) -> Vec<Keys> {
    let keys = |(kind, _)| (kind, asked(|settings| slot.read(kind, settings)));
    (slot.kinds)().into_iter().map(keys).collect()
}

fn of_struct<'de, T: Deserialize<'de>>() -> Vec<Keys> {
    vec![("", asked(T::deserialize))]
}

fn of_kinds<T: Kinds>() -> Vec<Keys> {
    let kinds = T::kinds().into_iter();
    kinds.map(|kind| (kind, fields_of_kind::<T>(kind))).collect()
}

/// The keys that a kind reads, besides `kind`.
pub(crate) fn fields_of_kind<T: Kinds>(kind: &str) -> &'static [&'static str] {
    asked(|settings| T::of_kind(kind, settings))
}

/// The keys that a reading asks for; none where it reads no struct.
fn asked<T>(read: impl FnOnce(Asking) -> Result<T, Told>) -> &'static [&'static str] {
    match read(Asking) {
        Err(Told(fields)) => fields,
        Ok(_) => &[],
    }
}

/// A deserializer that only takes down which fields it is asked for.
struct Asking;

/// The fields, as the error that ends the reading.
#[derive(Debug)]
struct Told(&'static [&'static str]);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Told {}

impl serde::de::Error for Told {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self(&[])
    }
}

impl<'de> Deserializer<'de> for Asking {
    type Error = Told;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        Err(Told(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Told> {
        Err(Told(fields))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 i128 u128 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::words::SYNONYMS;

    #[test]
    fn a_key_is_read_where_its_spec_says() {
        let place = |key| home_of(key).map(|home| &*home.written);
        assert_eq!(place("epochs"), Some("[train]"));
        assert_eq!(place("lookback"), Some("[window]"));
        assert_eq!(place("seed"), Some("the file itself"));
        assert_eq!(place("filters"), Some("[model.NAME]"));
        assert_eq!(place("patience"), Some("`early_stopping` of [train]"));
        assert_eq!(place("epohcs"), None);
        assert_eq!(kinds_that_read("model.NAME", "filters"), ["conv_lstm"]);
    }

    /// What a file can say that stands in no list of this module.
    const OTHER_WORDS: &[&str] = &[
        "min-max",
        "standard",
        "frames",
        "resize",
        "normalise",
        "augment",
        "previous",
        "interpolate",
        "drop",
    ];

    #[test]
    fn every_synonym_leads_to_a_word_that_is_here() {
        let mut ours: Vec<&str> = homes().iter().flat_map(|home| home.keys.clone()).collect();
        ours.extend(TABLES.iter());
        ours.extend(OTHER_WORDS);
        for (meant, _) in SYNONYMS {
            for word in meant.split_whitespace() {
                assert!(ours.contains(&word), "{word} is no word of a file");
            }
        }
    }
}
