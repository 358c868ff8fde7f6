//! The reference numbers of `tests/golden`, for the tests whose names start with `golden_`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

/// The folder of reference numbers: `RUNNER_GOLDEN`, else the committed set.
pub(crate) fn golden_folder() -> PathBuf {
    match std::env::var_os("RUNNER_GOLDEN") {
        Some(folder) => folder.into(),
        None => committed_folder(),
    }
}

/// The folder of the committed set.
pub(crate) fn committed_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The tensors of `NAME.safetensors` in that folder, by name.
///
/// # Panics
/// When the file cannot be read: a golden test without its numbers has failed.
pub(crate) fn golden(name: &str) -> HashMap<String, Tensor> {
    tensors(&golden_folder(), name)
}

/// The same of the committed set, for what other sets do not hold.
pub(crate) fn committed(name: &str) -> HashMap<String, Tensor> {
    tensors(&committed_folder(), name)
}

/// The text of a file of the committed set.
///
/// # Panics
/// As [`golden`].
pub(crate) fn committed_text(name: &str) -> String {
    let path = committed_folder().join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => panic!("cannot read {}: {error}", path.display()),
    }
}

fn tensors(folder: &Path, name: &str) -> HashMap<String, Tensor> {
    let path = folder.join(format!("{name}.safetensors"));
    match candle_core::safetensors::load(&path, &Device::Cpu) {
        Ok(tensors) => tensors,
        Err(error) => panic!("cannot read {}: {error}", path.display()),
    }
}

/// Largest |a - b|.
pub(crate) fn largest_difference(a: &Tensor, b: &Tensor) -> candle_core::Result<f32> {
    (a - b)?.abs()?.flatten_all()?.max(0)?.to_scalar()
}

/// Largest |a|.
pub(crate) fn largest(a: &Tensor) -> candle_core::Result<f32> {
    a.abs()?.flatten_all()?.max(0)?.to_scalar()
}

#[test]
fn golden_files_are_there() {
    for name in ["torch_lstm", "torch_hybrid", "keras_rmsprop", "sklearn"] {
        assert!(!golden(name).is_empty(), "{name} is empty");
    }
}
