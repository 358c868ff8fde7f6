//! Bytes → examples: the forms of data, and what every one of them becomes.

mod blame;
pub mod card;
pub mod clips;
mod described;
mod examples;
mod folders;
mod form;
mod in_sample; // what scaled errors are measured with
mod missing;
mod raw;
pub mod series;
mod shared;
mod slot;
mod target;
mod windows; // views into a series

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use blame::Blame;
pub use clips::{ClipSplit, ClipsData, ClipsSource};
pub use described::Described;
pub use examples::{Calibration, Dataset, Examples, Inputs, Items, MAPS, STEPS};
pub use folders::Folders;
pub use form::{Data, Form, Noun, Seen, SourceSettings, SplitSettings};
use form::{FromParts, Sample};
pub use in_sample::InSample;
pub use missing::{DataMissing, nearly};
pub use raw::{Raw, raw_as};
pub use series::intervals::{ConformalSpec, IntervalsSpec};
pub use series::{SeriesData, SeriesSource, SeriesSplit};
pub use shared::{LastRead, SharedData};
use slot::SlotSettings;
pub use slot::{Sees, Slot};
pub use target::{ForecastTarget, Outputs, Target, TargetScale};
pub use windows::time_and_series;

form::forms! {
    Series(SeriesData, SeriesSource, SeriesSplit, [series::window::WindowSpec, series::intervals::IntervalsSpec], series::FORM),
    Clips(ClipsData, ClipsSource, ClipSplit, [clips::features::backbone::BackboneSpec], clips::FORM),
}

/// What tells data apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Of the parsed rows of a series, of the names, labels and bytes of clips.
    pub data: String,
    /// Of the weights of a frozen network, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
}

/// Whether an error of reading says that a file is not here, and not that one is wrong.
pub fn is_missing(error: &anyhow::Error) -> bool {
    error.is::<DataMissing>() || error.is::<clips::features::backbone::WeightsMissing>()
}

/// The slots of all forms, each table once.
pub fn slots() -> &'static [&'static Slot] {
    static SLOTS: LazyLock<Vec<&Slot>> = LazyLock::new(|| {
        let slots = FORMS.iter().flat_map(|form| form.slots()).map(|slot| (slot.table, slot));
        slots.collect::<BTreeMap<_, _>>().into_values().collect()
    });
    &SLOTS
}

/// The settings that a baseline does not read of data that are split so, besides `train` and `seed`: table and key. `validates` tells whether
/// it has validation examples all the same.
pub fn unread_by_baselines(split: &dyn SplitSettings, validates: bool) -> impl Iterator<Item = [&'static str; 2]> {
    let of_split = if validates { &[] } else { split.unread_by_baselines() };
    let of_split = of_split.iter().map(|key| ["split", *key]);
    let of_slots = slots().iter().flat_map(|slot| {
        let keys = slot.unread_by_baselines.iter();
        keys.map(move |key| [slot.table, *key])
    });
    of_slots.chain(of_split)
}

/// A configuration without the settings that say how data are seen and change nothing beside the others.
pub(crate) fn without_idle(configuration: &Value) -> Value {
    let mut shown = configuration.clone();
    for slot in slots() {
        if let Some(table) = shown.get_mut(slot.table) {
            let idle = (slot.idle)(table);
            if let Some(table) = table.as_object_mut() {
                table.retain(|key, _| !idle.contains(&key.as_str()));
            }
        }
    }
    shown
}

/// The form of the datasets of that kind; none of a word that is no kind.
pub fn form_of_kind(kind: &str) -> Option<&'static Form> {
    let mut forms = FORMS.iter();
    forms.find(|form| (form.sources)().contains(&kind)).copied()
}
