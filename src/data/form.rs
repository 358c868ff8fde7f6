//! The forms of data: what every one of them offers, whatever its examples are made of.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use candle_core::Device;
use serde_json::Value;

use super::blame::Blame;
use super::clips::features::Pass;
use super::{Dataset, Described, Folders, Outputs, Raw};
use crate::task::Task;

/// A form of data: what its datasets are read with, and what becomes of them.
pub struct Form {
    /// Its word in a plan.
    pub word: &'static str,
    /// What a dataset of it holds, as "a series".
    pub holds: &'static str,
    /// What a dataset of it does, as "is a series".
    pub is: &'static str,
    /// How a sentence on its splits begins, as "a series is".
    pub being: &'static str,
    /// What its examples are called.
    pub noun: Noun,
    /// The axes of a sample.
    pub axes: &'static [&'static str],
    /// What its datasets ask of a model.
    pub task: &'static Task,
    /// The kinds of `[dataset.NAME]` that are of it.
    pub sources: fn() -> Vec<&'static str>,
    /// The kinds of `[split]` that fit it.
    pub splits: fn() -> Vec<&'static str>,
}

/// What the examples of a form are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noun {
    /// One of them; with an `s`, several.
    pub one: &'static str,
    /// Those of a test set.
    pub tested: &'static str,
}

/// What those of a form that this version does not know are called.
impl Default for Noun {
    fn default() -> Self {
        Self {
            one: "item",
            tested: "test items",
        }
    }
}

/// Forms are told apart by their words.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word)
    }
}

/// The settings of each slot that is read, by its table.
pub type Seen = BTreeMap<&'static str, Value>;

/// Everything that decides the examples of a cell, whatever its form: the data, how they are seen, how they are split.
pub trait Data: Debug + Described {
    /// Its form.
    fn form(&self) -> &'static Form;

    /// What a model predicts of one example of these data; without them, as far as the settings tell.
    fn outputs(&self, raw: Option<&dyn Raw>) -> Outputs;

    /// The settings by table, as a record holds them: `dataset`, `split`, and those of its slots that are read.
    fn tables(&self) -> Vec<(&'static str, Value)>;

    /// Whether a baseline has the validation examples that a network has, and does not learn from them.
    fn baselines_validate(&self) -> bool {
        false
    }

    /// The parts of the code behind it, as keys name them, with their versions.
    fn code(&self) -> Vec<(&'static str, u32)>;

    /// The settings that decide what is read: data of equal ones are read once.
    fn read_by(&self) -> Value;

    /// The data, checked.
    ///
    /// # Errors
    /// When they are not here (see [`is_missing`](super::is_missing)), or not what they must be.
    fn read(&self, folders: &Folders) -> anyhow::Result<Box<dyn Raw>>;

    /// Whether the data are enough for the settings.
    ///
    /// # Errors
    /// When they are not; the error says what is needed, and why.
    fn check_fit(&self, raw: &dyn Raw) -> anyhow::Result<()>;

    /// The settings that decide what [`Data::open`] finds; none where it looks at nothing.
    fn opened_by(&self) -> Option<Value> {
        None
    }

    /// Looks into what reading did not decode.
    ///
    /// # Errors
    /// When an item cannot be used, for each of them.
    fn open(&self, raw: &dyn Raw) -> anyhow::Result<()> {
        let _ = raw;
        Ok(())
    }

    /// A stretch without data, in a sentence, where some seem to be missing.
    fn hole(&self, raw: &dyn Raw) -> Option<String> {
        let _ = raw;
        None
    }

    /// What is worth knowing of the data and no mistake.
    fn note(&self, raw: &dyn Raw) -> Option<String> {
        self.hole(raw)
    }

    /// Whether something is computed from the data once for all cells; see [`Data::pass`].
    fn has_pass(&self) -> bool {
        false
    }

    /// What is computed from the data once for all cells, where something is.
    ///
    /// # Errors
    /// When the data are not enough for the settings.
    fn pass(&self, raw: &dyn Raw, folders: &Folders) -> anyhow::Result<Option<Pass>> {
        let _ = (raw, folders);
        Ok(None)
    }

    /// Where the weights lie of what is frozen, here or not; nowhere where nothing is, or they are drawn.
    ///
    /// # Errors
    /// When their name is none of a file.
    fn weights_file(&self, folders: &Folders) -> anyhow::Result<Option<PathBuf>> {
        let _ = folders;
        Ok(None)
    }

    /// Training, validation and test examples, their tensors on that device; of several trainings those of the first, and the whole
    /// test. What is computed once for all and not there yet is computed.
    ///
    /// # Errors
    /// When the data are not enough, cannot be read, or the device refuses.
    fn build(&self, raw: &dyn Raw, folders: &Folders, device: &Device) -> anyhow::Result<Dataset>;

    /// How often a model is trained as the test goes on.
    fn trainings(&self) -> usize {
        1
    }

    /// The same of one training, and of the test what is predicted after it and before the next.
    ///
    /// # Errors
    /// As [`Data::build`], and when there is no such training.
    fn build_training(&self, raw: &dyn Raw, folders: &Folders, device: &Device, place: usize) -> anyhow::Result<Dataset> {
        let _ = place;
        self.build(raw, folders, device)
    }
}

/// The data of one form, made from what a file says.
pub(super) trait FromParts: Sized {
    /// The kinds of `[dataset.NAME]`.
    type Source;
    /// The kinds of `[split]`.
    type Split;

    /// What a model would see, before any data are read; none where it sees no inputs.
    ///
    /// # Errors
    /// When settings of two tables do not fit each other, whatever the data hold.
    fn sample(source: &Self::Source, seen: &Seen) -> Result<Option<Sample>, Blame>;

    /// Whether the split can be that of what the dataset holds, whatever that is; what is blamed is in `[split]`.
    ///
    /// # Errors
    /// When it cannot.
    fn check_split(source: &Self::Source, split: &Self::Split) -> Result<(), Blame> {
        let _ = (source, split);
        Ok(())
    }

    /// From its tables.
    ///
    /// # Errors
    /// When one of its slots is missing, or not as it must be.
    fn of(source: &Self::Source, split: &Self::Split, seen: &Seen) -> serde_json::Result<Self>;
}

/// What a model sees of one example, and what it predicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Shape of the input without the batch.
    pub shape: Vec<usize>,
    /// What it predicts.
    pub outputs: Outputs,
    /// The setting, as table and key, by which each step ahead is told as the change from the one before it.
    pub changes: Option<[&'static str; 2]>,
}

/// Makes the enums that hold any form from one line for each: its variant, its data, the kinds of its datasets and of its splits,
/// the settings of its slots, and what it is.
macro_rules! forms {
    ($($Variant:ident($Data:ty, $Source:ty, $Split:ty, [$($Slot:ty),*], $FORM:path),)+) => {
        /// The settings of the data of a cell, of any form.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "form", rename_all = "snake_case")]
        #[expect(clippy::large_enum_variant, reason = "cells share theirs, as SharedData")]
        pub enum DataSpec {
            $(
                #[doc = concat!("See [`", stringify!($Data), "`].")]
                $Variant($Data),
            )+
        }

        impl std::ops::Deref for DataSpec {
            type Target = dyn Data;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$Variant(data) => data,)+
                }
            }
        }

        /// A `[dataset.NAME]` of any kind.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Source {
            $(
                #[doc = concat!("See [`", stringify!($Source), "`].")]
                $Variant($Source),
            )+
        }

        /// A `[split]` of any kind.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Split {
            $(
                #[doc = concat!("See [`", stringify!($Split), "`].")]
                $Variant($Split),
            )+
        }

        /// Every form.
        pub static FORMS: &[&Form] = &[$(&$FORM),+];

        impl Form {
            /// The tables that say how its datasets are seen, beside `[dataset.NAME]` and `[split]`.
            pub fn slots(&self) -> &'static [Slot] {
                $(if *self == $FORM {
                    return &[$(<$Slot as SlotSettings>::SLOT),*];
                })+
                &[]
            }
        }

        impl Slot {
            /// Its settings, from those of its table without the word of its kind: as a network sees them and as a baseline does, or
            /// why they do not fit each other.
            ///
            /// # Errors
            /// When they are not as they must be.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                &self,
                kind: &str,
                settings: D,
            ) -> Result<Result<[serde_json::Value; 2], Blame>, D::Error> {
                $($(if self.table == <$Slot as SlotSettings>::SLOT.table {
                    return <$Slot as SlotSettings>::read(kind, settings).map(SlotSettings::views);
                })*)+
                Err(serde::de::Error::unknown_variant(self.table, &[]))
            }
        }

        impl Source {
            /// See [`FromParts::sample`].
            ///
            /// # Errors
            /// As there.
            pub fn sample(&self, seen: &Seen) -> Result<Option<Sample>, Blame> {
                match self {
                    $(Self::$Variant(source) => <$Data as FromParts>::sample(source, seen),)+
                }
            }

            /// The form of what it holds.
            pub fn form(&self) -> &'static Form {
                match self {
                    $(Self::$Variant(_) => &$FORM,)+
                }
            }
        }

        impl Split {
            /// Whether it can split what that dataset holds, where it is of the same form; what is blamed is in `[split]`.
            ///
            /// # Errors
            /// When it cannot.
            pub fn check_for(&self, source: &Source) -> Result<(), Blame> {
                match (source, self) {
                    $((Source::$Variant(source), Self::$Variant(split)) => <$Data as FromParts>::check_split(source, split),)+
                    _ => Ok(()),
                }
            }

            /// What can be split so.
            pub fn form(&self) -> &'static Form {
                match self {
                    $(Self::$Variant(_) => &$FORM,)+
                }
            }
        }

        impl DataSpec {
            /// Where they come from.
            pub fn source(&self) -> Source {
                match self {
                    $(Self::$Variant(data) => Source::$Variant(data.source.clone()),)+
                }
            }

            /// How they are split.
            pub fn split(&self) -> &dyn SplitSettings {
                match self {
                    $(Self::$Variant(data) => &data.split,)+
                }
            }

            /// The data of a cell from its tables; none where the split is of another form than the dataset.
            ///
            /// # Errors
            /// When a slot is missing, or not as it must be.
            pub fn of(source: &Source, split: &Split, seen: &Seen) -> serde_json::Result<Option<Self>> {
                match (source, split) {
                    $((Source::$Variant(source), Split::$Variant(split)) => {
                        FromParts::of(source, split, seen).map(|data| Some(Self::$Variant(data)))
                    })+
                    _ => Ok(None),
                }
            }
        }

        $crate::joined_kinds!(Source { $($Variant($Source)),+ } : SourceSettings);
        $crate::joined_kinds!(Split { $($Variant($Split)),+ } : SplitSettings);
    };
}
pub(super) use forms;

/// What the settings of every dataset offer.
pub trait SourceSettings: Debug {
    /// What is wrong with them, whatever the data hold.
    ///
    /// # Errors
    /// When they do not fit each other.
    fn check(&self) -> Result<(), Blame>;

    /// Makes do without those settings, of which nothing is known; false where one of them decides which data these are.
    fn without(&mut self, lost: &[&str]) -> bool {
        lost.is_empty()
    }

    /// Reads the data and lets them go again: what is wrong with them shows, whatever will be made of them.
    ///
    /// # Errors
    /// As [`Data::read`].
    fn look_at(&self, data_folder: &std::path::Path) -> anyhow::Result<()>;
}

/// What the settings of every split offer.
pub trait SplitSettings: Debug {
    /// Whether some examples are for validation.
    fn has_validation(&self) -> bool;

    /// Has none for validation any more, where those are trained on then.
    fn without_validation(&mut self);

    /// Says nothing of trainings any more: for a model that learns nothing from training examples.
    fn without_training(&mut self) {}

    /// The settings that a baseline does not read.
    fn unread_by_baselines(&self) -> &'static [&'static str];

    /// What is wrong between its settings and how the data are seen, whatever they hold.
    ///
    /// # Errors
    /// When they do not fit each other.
    fn check(&self, seen: &Seen) -> Result<(), Blame> {
        let _ = seen;
        Ok(())
    }
}
