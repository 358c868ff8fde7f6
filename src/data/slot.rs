//! The tables that say how data are seen, beside `[dataset.NAME]` and `[split]`.

use serde::{Deserializer, Serialize};
use serde_json::Value;

use super::blame::Blame;

/// What a model looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// The inputs, and in training the targets.
    Inputs,
    /// The targets alone.
    Targets,
}

/// A table that says how data are seen.
pub struct Slot {
    /// `window` of `[window]`.
    pub table: &'static str,
    /// What else the field calls it, parted by spaces.
    pub synonyms: &'static str,
    /// The kinds that it can be, each with what else the field calls it; of a table without a `kind` one without a word.
    pub kinds: fn() -> Vec<(&'static str, &'static str)>,
    /// The models that read it: those that see so much.
    pub needed_by: Sees,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// Whether, where it is there, a baseline has the validation examples that a network has, and does not learn from them.
    pub baselines_validate: bool,
    /// The settings in it that change nothing for a baseline.
    pub unread_by_baselines: &'static [&'static str],
    /// The settings in it that change nothing beside the others.
    pub idle: fn(&Value) -> &'static [&'static str],
    /// The settings in it for which another part of a key stands.
    pub unkeyed: &'static [&'static str],
    /// What to write where it is missing.
    pub help: fn() -> String,
}

impl Slot {
    /// Whether a model that sees so much reads it.
    pub fn is_read_by(&self, sees: Sees) -> bool {
        self.needed_by == Sees::Targets || sees == Sees::Inputs
    }
}

/// The settings of a slot.
pub(super) trait SlotSettings: Serialize + Sized {
    /// Its slot.
    const SLOT: Slot;

    /// From those of its table, without the word of its kind.
    ///
    /// # Errors
    /// When they are not as they must be.
    fn read<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error>;

    /// What is wrong with them, whatever the data hold.
    ///
    /// # Errors
    /// When they do not fit each other.
    fn check(&self) -> Result<(), Blame> {
        Ok(())
    }

    /// As a baseline sees them.
    fn of_baseline(self) -> Self {
        self
    }

    /// As a network sees them and as a baseline does, kept as JSON: every form has slots of its own.
    ///
    /// # Errors
    /// As [`SlotSettings::check`].
    fn views(self) -> Result<[Value; 2], Blame> {
        self.check()?;
        let json = |settings: &Self| serde_json::to_value(settings);
        let views = json(&self).and_then(|network| Ok([network, json(&self.of_baseline())?]));
        Ok(views.expect("settings are made of words, numbers, lists and tables"))
    }
}
