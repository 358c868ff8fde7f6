//! LSTM and GRU layers in PyTorch's form: gate order, both biases, a zero state at the start.
//!
//! Sequences run between layers as [time, features, batch], so that a step is one block of memory and a batch one vector:
//! `to_steps` makes one of [batch, time, features]. On the CPU a layer is one operation for the whole sequence; elsewhere it
//! is composed of candle's.

mod cell;
mod composed;
mod gru;
mod lstm;
mod outer;
mod parameters;
mod passes;
mod product;
mod sequence;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use candle_core::{Result, Tensor};

use self::cell::Cell;
use self::gru::GruCell;
use self::lstm::LstmCell;
use self::parameters::{Parameters, Sizes};
use self::sequence::Sequence;
use super::weights::Weights;

/// Bumped when the same weights and inputs would give other outputs or gradients.
pub const VERSION: u32 = 2;

/// A kind of recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Long short-term memory: gates i, f, g, o.
    Lstm,
    /// Gated recurrent unit: gates r, z, n; the reset gate acts on the hidden state's product, its bias included.
    Gru,
}

/// Which hidden states come out of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// All of them: [time, hidden, batch].
    Every,
    /// The last alone: [1, hidden, batch].
    Last,
}

/// One recurrent layer.
#[derive(Debug, Clone)]
pub struct Recurrent {
    kind: Kind,
    sizes: Sizes,
    parameters: Parameters,
}

impl Recurrent {
    /// A layer with weights `weight_ih` [gates · hidden, features], `weight_hh` [gates · hidden, hidden], `bias_ih` and
    /// `bias_hh` [gates · hidden] below the path of `weights`, drawn within ±1/√hidden.
    ///
    /// # Errors
    /// When one of these weights was made before, or the device refuses.
    pub fn new(kind: Kind, features: usize, hidden: usize, weights: &Weights) -> Result<Self> {
        let gates = match kind {
            Kind::Lstm => LstmCell::GATES,
            Kind::Gru => GruCell::GATES,
        };
        let sizes = Sizes { gates, features, hidden };
        Ok(Self {
            kind,
            sizes,
            parameters: Parameters::drawn(sizes, weights)?,
        })
    }

    /// steps [time, features, batch], of any memory layout → hidden states, as `read` says.
    ///
    /// # Errors
    /// When the shape does not fit, the numbers are not f32, or the device refuses.
    pub fn forward(&self, steps: &Tensor, read: Read) -> Result<Tensor> {
        if !steps.device().is_cpu() {
            return composed::composed(self.kind, &self.parameters, steps, read);
        }
        let packed = self.parameters.packed()?;
        match self.kind {
            Kind::Lstm => steps.apply_op2(&packed, Sequence::<LstmCell>::new(self.sizes, read)),
            Kind::Gru => steps.apply_op2(&packed, Sequence::<GruCell>::new(self.sizes, read)),
        }
    }

    /// Numbers in all of its weights.
    pub fn weight_count(&self) -> usize {
        self.sizes.count()
    }

    /// Width of its hidden state.
    pub fn hidden(&self) -> usize {
        self.sizes.hidden
    }
}

/// [batch, time, features] → [time, features, batch], a view.
///
/// # Errors
/// When there are not three axes.
pub fn to_steps(inputs: &Tensor) -> Result<Tensor> {
    inputs.permute((1, 2, 0))
}
