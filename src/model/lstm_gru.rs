//! `kind = "lstm_gru"`: an LSTM path and a GRU path side by side, each read at its last step, joined by a linear layer
//! (Patel et al., 2020).

use serde::{Deserialize, Serialize};

use crate::number;

/// `kind = "lstm_gru"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmGruSpec {
    /// Width of each layer of the LSTM path.
    #[serde(deserialize_with = "number::some_widths")]
    pub lstm: Vec<usize>,
    /// Width of each layer of the GRU path.
    #[serde(deserialize_with = "number::some_widths")]
    pub gru: Vec<usize>,
    /// Share dropped while training: between the LSTM layers, and from the GRU path's output.
    #[serde(default, deserialize_with = "number::share")]
    pub dropout: f64,
    /// Width of each linear layer at the end of each path.
    #[serde(default, deserialize_with = "number::widths")]
    pub dense: Vec<usize>,
}
