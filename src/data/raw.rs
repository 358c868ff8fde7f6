//! What was read of a dataset, whatever its form.

use std::any::Any;

use anyhow::Context;

use super::Digests;
use super::card::Image;

/// What was read, before it is cut and split.
pub trait Raw: Any + Send + Sync {
    /// What tells these data from others.
    fn digests(&self) -> Digests;

    /// What tells the content of an item from that of others; none where there is no picture of such an item.
    fn item_digest(&self, item: &str) -> Option<&str> {
        let _ = item;
        None
    }

    /// A picture of an item that [`Raw::item_digest`] knows.
    ///
    /// # Errors
    /// When it cannot be decoded; the message names the file.
    fn picture(&self, item: &str) -> anyhow::Result<Image> {
        anyhow::bail!("there is no picture of {item}")
    }
}

/// What was read, as its own form has it.
///
/// # Errors
/// When it is of another form.
pub fn raw_as<T: Raw>(raw: &dyn Raw) -> anyhow::Result<&T> {
    let raw: &dyn Any = raw;
    raw.downcast_ref().context("the data are of another form than the settings")
}
