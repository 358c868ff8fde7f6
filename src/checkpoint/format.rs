//! One checkpoint as bytes: a safetensors file of all tensors and histories, whose only metadata is a JSON text of what the
//! checkpoint is of and of its counters; then their digest.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Read;

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::walked::Walked;
use crate::metric::Calibrated;
use crate::store::record::Refit;
use crate::train::{History, Progress, Snapshot, State};

/// The format.
pub(super) const VERSION: u32 = 1;

/// The name of the metadata.
const TRAINING: &str = "training";

/// What the names of the lists begin with that no weights are: of the training that runs, and of those before it.
const HISTORY: &str = "history";
const WALKED: &str = "walked";
const WALKED_HISTORY: &str = "walked_history";

/// The most bytes of what stands before the numbers.
const MOST_HEADER: u64 = 100 << 20;

/// What a checkpoint is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// `VERSION` when it was written.
    pub version: u32,
    /// Binds it to settings, data, versions of code and kind of device.
    pub trail: String,
    /// Epochs that the cell is to train.
    pub epochs: usize,
    /// For how long it had been trained, in all processes.
    pub seconds: f64,
    /// What training counts.
    pub progress: Progress,
    /// Of a model that is trained several times the trainings before it, which are finished.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refits: Vec<Refit>,
    /// What the intervals of the first of them were calibrated on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibrated: Option<Calibrated>,
    /// For how long each of them took.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refit_seconds: Vec<f64>,
}

/// Why a file is not used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Its bytes are not those that were written.
    Damaged,
    /// It is whole, and none of this program or this cell.
    Foreign(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("it is damaged: its bytes are not those that were written"),
            Self::Foreign(reason) => write!(f, "it is not of this cell: {reason}"),
        }
    }
}

/// The bytes of a checkpoint, with what the trainings before it have left.
///
/// # Errors
/// When the device does not give its numbers.
pub(super) fn to_bytes(header: &Header, state: &State, walked: &Walked) -> Result<Vec<u8>> {
    let mut tensors: BTreeMap<String, Tensor> = BTreeMap::new();
    let mut add = |kind: &str, snapshot: &Snapshot| {
        let named = snapshot
            .iter()
            .map(|(name, tensor)| (format!("{kind}/{name}"), tensor.clone()));
        tensors.extend(named);
    };
    add("weights", &state.weights);
    add("optimizer", &state.optimizer);
    if let Some(best) = &state.best {
        add("best", best);
    }
    for (kind, history) in [(HISTORY, &state.history), (WALKED_HISTORY, &walked.history)] {
        for (name, values) in history {
            let values = Tensor::new(values.as_slice(), &Device::Cpu)?;
            tensors.insert(format!("{kind}/{name}"), values);
        }
    }
    if let Some(width) = walked.predictions.first().map(Vec::len) {
        let shape = (walked.predictions.len(), width);
        let predictions = Tensor::from_vec(walked.predictions.concat(), shape, &Device::Cpu)?;
        tensors.insert(format!("{WALKED}/predictions"), predictions);
    }
    let metadata = HashMap::from([(TRAINING.to_owned(), serde_json::to_string(header)?)]);
    let mut bytes = safetensors::serialize(&tensors, Some(metadata)).context("the checkpoint has no bytes")?;
    let digest = blake3::hash(&bytes);
    bytes.extend(digest.as_bytes());
    Ok(bytes)
}

/// The checkpoint of these bytes, if it is one of that trail.
///
/// # Errors
/// Why it is not used.
pub(super) fn from_bytes(bytes: &[u8], trail: &str) -> Result<(Header, State, Walked), Unusable> {
    let (body, digest) = bytes.split_last_chunk().ok_or(Unusable::Damaged)?;
    if blake3::hash(body).as_bytes() != digest {
        return Err(Unusable::Damaged);
    }
    let (_, metadata) = SafeTensors::read_metadata(body).map_err(|error| foreign(&error))?;
    let text = metadata.metadata().as_ref().and_then(|all| all.get(TRAINING));
    let header = header_of(text.map(String::as_str), trail)?;
    let tensors = candle_core::safetensors::load_buffer(body, &Device::Cpu).map_err(|error| foreign(&error))?;
    let (state, walked) = held(&header, tensors).map_err(|error| foreign(&error))?;
    Ok((header, state, walked))
}

/// What a file of that length says at its beginning that it is, if it is a checkpoint of that trail. The rest is not read: whether
/// it is whole shows its length alone.
///
/// # Errors
/// Why it is not used.
pub(super) fn header_in(file: &mut impl Read, length: u64, trail: &str) -> Result<Header, Unusable> {
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(|_| Unusable::Damaged)?;
    let size = u64::from_le_bytes(size);
    if size > length.min(MOST_HEADER) {
        return Err(Unusable::Damaged);
    }
    let mut text = Vec::new();
    file.take(size).read_to_end(&mut text).map_err(|_| Unusable::Damaged)?;
    let all: Value = serde_json::from_slice(&text).map_err(|_| Unusable::Damaged)?;
    let tensors = all.as_object().into_iter().flat_map(|all| all.values());
    let numbers = tensors.filter_map(|tensor| tensor["data_offsets"][1].as_u64()).max();
    let whole = [8, size, numbers.unwrap_or_default(), blake3::OUT_LEN as u64];
    if whole.into_iter().try_fold(0, u64::checked_add) != Some(length) {
        return Err(Unusable::Damaged);
    }
    header_of(all["__metadata__"][TRAINING].as_str(), trail)
}

/// The header of that text, if it is of that trail.
fn header_of(text: Option<&str>, trail: &str) -> Result<Header, Unusable> {
    let text = text.ok_or_else(|| foreign(&"it does not say what it is of"))?;
    /// What every version has.
    #[derive(Deserialize)]
    struct Bound {
        version: u32,
        trail: String,
    }
    let bound: Bound = serde_json::from_str(text).map_err(|error| foreign(&error))?;
    if bound.version != VERSION {
        return Err(foreign(&format!(
            "it has format {}, this program writes {VERSION}",
            bound.version
        )));
    }
    if bound.trail != trail {
        return Err(foreign(&"other settings, data or versions of the code gave it"));
    }
    serde_json::from_str(text).map_err(|error| foreign(&error))
}

fn foreign(reason: &dyn fmt::Display) -> Unusable {
    Unusable::Foreign(reason.to_string())
}

fn held(header: &Header, tensors: HashMap<String, Tensor>) -> Result<(State, Walked)> {
    let mut state = State {
        progress: header.progress.clone(),
        history: History::new(),
        weights: Snapshot::new(),
        optimizer: Snapshot::new(),
        best: None,
    };
    let mut walked = Walked {
        refits: header.refits.clone(),
        calibrated: header.calibrated.clone(),
        seconds: header.refit_seconds.clone(),
        ..Walked::default()
    };
    for (name, tensor) in tensors {
        let (kind, name) = name.split_once('/').with_context(|| format!("it holds {name}"))?;
        let name = name.to_owned();
        match kind {
            "weights" => drop(state.weights.insert(name, tensor)),
            "optimizer" => drop(state.optimizer.insert(name, tensor)),
            "best" => drop(state.best.get_or_insert_default().insert(name, tensor)),
            HISTORY => drop(state.history.insert(name, tensor.to_vec1()?)),
            WALKED_HISTORY => drop(walked.history.insert(name, tensor.to_vec1()?)),
            WALKED => walked.predictions = tensor.to_vec2()?,
            _ => anyhow::bail!("it holds {kind}/{name}"),
        }
    }
    walked.check()?;
    Ok((state, walked))
}
