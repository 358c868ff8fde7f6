//! One fully decided run and its id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::DataSpec;
use crate::model::ModelSpec;
use crate::train::TrainSpec;

/// One decided run: nothing in it is left to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The experiment: the stem of its file's name.
    pub experiment: String,
    /// Dataset, model and the axis values that differ from the file's own, as `dataset=litecoin,model=lstm,seed=3`.
    pub id: String,
    /// Name of the dataset's table.
    pub dataset_name: String,
    /// Name of the model's table.
    pub model_name: String,
    /// Axis path → value, of the axes that this cell reads: what `--filter` matches, along with every path of the
    /// configuration.
    pub axes: BTreeMap<String, Value>,
    /// The data, how they are seen and split.
    pub data: DataSpec,
    /// The model.
    pub model: ModelSpec,
    /// How it is trained; absent for a model that trains nothing.
    pub train: Option<TrainSpec>,
    /// Where all chance of this cell comes from; absent for a model that knows none.
    pub seed: Option<u64>,
    /// Whether the experiment asks for a GPU (`requires = "cuda"`).
    pub requires_cuda: bool,
}
