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

fn committed_folder() -> PathBuf {
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
