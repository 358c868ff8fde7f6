//! A TensorFlow.js model (`model.json` and its weight shards) → one safetensors file, names and layouts unchanged.
//!
//! `weightsManifest` is a list of groups; the shards of a group, put end to end, are its tensors in the order it lists
//! them, little-endian. Source: <https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts>
//! (`WeightsManifestGroupConfig`).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::{Deserialize, Serialize};

/// Bytes of one float32.
const FLOAT32: usize = 4;

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "weightsManifest")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    /// File names of its shards.
    paths: Vec<String>,
    /// Its tensors in their order.
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<serde_json::Value>,
}

/// A tensor of float32.
#[derive(Debug, PartialEq)]
pub(super) struct Tensor {
    /// Its shape.
    pub(super) shape: Vec<usize>,
    /// Its numbers in row-major order, little-endian.
    pub(super) bytes: Vec<u8>,
}

/// Every tensor of a model by its name, where `files` holds `model.json` and its shards by file name.
///
/// # Errors
/// When a file is missing, when the shards hold more or fewer bytes than the tensors, when a tensor is not plain float32
/// or is there twice.
pub(super) fn tensors(files: &BTreeMap<String, Vec<u8>>, model: &str) -> Result<BTreeMap<String, Tensor>> {
    let file = |name: &str| files.get(name).with_context(|| format!("{name} is missing"));
    let Model { groups } = serde_json::from_slice(file(model)?).with_context(|| format!("failed to read {model}"))?;
    let mut tensors = BTreeMap::new();
    for group in groups {
        let mut numbers = Vec::new();
        for path in &group.paths {
            numbers.extend_from_slice(file(path)?);
        }
        let mut rest = numbers.as_slice();
        for weight in group.weights {
            let name = &weight.name;
            ensure!(
                weight.dtype == "float32" && weight.quantization.is_none(),
                "{name} is not plain float32 but {}{}",
                weight.dtype,
                weight.quantization.map_or("", |_| ", quantized")
            );
            let size = weight
                .shape
                .iter()
                .try_fold(FLOAT32, |size, length| size.checked_mul(*length))
                .filter(|size| *size <= rest.len())
                .with_context(|| format!("the shards end before or within {name} {:?}", weight.shape))?;
            let (bytes, after) = rest.split_at(size);
            rest = after;
            let tensor = Tensor {
                shape: weight.shape,
                bytes: bytes.to_vec(),
            };
            ensure!(tensors.insert(weight.name.clone(), tensor).is_none(), "{name} is there twice");
        }
        ensure!(
            rest.is_empty(),
            "the shards hold {} bytes more than their tensors",
            rest.len()
        );
    }
    Ok(tensors)
}

#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    metadata: &'a BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<&'a str, TensorInfo>,
}

/// The safetensors file of those tensors, ordered by name.
///
/// The safetensors crate takes metadata as a hash map and writes them in its order, which differs from run to run; here
/// the same tensors are the same bytes. Format: <https://github.com/huggingface/safetensors#format>.
///
/// # Errors
/// When the header cannot be written as JSON.
pub(super) fn as_safetensors(tensors: &BTreeMap<String, Tensor>, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let mut end = 0;
    let infos = tensors.iter().map(|(name, tensor)| {
        let start = end;
        end += tensor.bytes.len();
        let info = TensorInfo {
            dtype: Dtype::F32,
            shape: tensor.shape.clone(),
            data_offsets: (start, end),
        };
        (name.as_str(), info)
    });
    let header = Header {
        metadata,
        tensors: infos.collect(),
    };
    let mut header = serde_json::to_vec(&header)?;
    // The numbers begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = Vec::with_capacity(8 + header.len() + end);
    file.extend_from_slice(&(header.len() as u64).to_le_bytes());
    file.extend_from_slice(&header);
    for tensor in tensors.values() {
        file.extend_from_slice(&tensor.bytes);
    }
    Ok(file)
}
