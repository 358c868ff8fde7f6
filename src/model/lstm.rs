//! `kind = "lstm"`: stacked LSTM layers, read at the last step, then linear layers.

use serde::{Deserialize, Serialize};

use crate::number;

/// `kind = "lstm"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmSpec {
    /// Width of each layer's hidden state.
    #[serde(deserialize_with = "number::some_widths")]
    pub hidden: Vec<usize>,
    /// Share of each layer's output that is dropped before the next layer, while training.
    #[serde(default, deserialize_with = "number::share")]
    pub dropout: f64,
    /// Width of each linear layer before the output.
    #[serde(default, deserialize_with = "number::widths")]
    pub dense: Vec<usize>,
}
