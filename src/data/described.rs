//! What a form tells a reader of its data.

use serde_json::{Value, json};

use super::card::{Contents, CutCard, Front, Shown};
use super::{Outputs, Raw};

/// What each form tells a reader of its data.
pub trait Described {
    /// The dataset as it was read, without pictures.
    ///
    /// # Errors
    /// When it was read as another form.
    fn contents(&self, raw: &dyn Raw) -> anyhow::Result<Contents>;

    /// What a dataset becomes under the settings; where it is not here, what they tell alone.
    ///
    /// # Errors
    /// When the data are not enough for the settings.
    fn cut_card(&self, raw: Option<&dyn Raw>) -> anyhow::Result<CutCard>;

    /// The frozen network in front of a cell's own, where there is one.
    ///
    /// # Errors
    /// When it does not fit the examples.
    fn front(&self) -> anyhow::Result<Option<Front>> {
        Ok(None)
    }

    /// What networks of one name are listed by; `input` is the shape that the network sees of an example, `outputs` what it predicts.
    fn listed_by(&self, model: &str, input: &[usize], outputs: &Outputs, settings: &Value) -> Value {
        let _ = outputs;
        json!([model, input, settings])
    }

    /// Calls what an earlier sweep saw as the settings call it now.
    fn rename(&self, contents: &mut Contents) {
        let _ = contents;
    }

    /// The settings that decide the pictures of an item; none of a form without pictures.
    fn pictured_by(&self) -> Option<Value> {
        None
    }

    /// One item of each class, each with what a network sees of it.
    ///
    /// # Errors
    /// When it was read as another form.
    fn shown(&self, raw: &dyn Raw) -> anyhow::Result<Vec<Shown>> {
        let _ = raw;
        Ok(Vec::new())
    }
}
