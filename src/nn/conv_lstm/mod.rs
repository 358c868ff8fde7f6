//! ConvLSTM2D in Keras's form (Shi et al., 2015, without peepholes): an LSTM whose products are convolutions, so that its
//! states are maps. Gates stand in the order i, f, c, o; zeros are padded around every map, so that its size stays.
//!
//! On the CPU the whole sequence is one operation, with hand-written backpropagation through time; elsewhere it is composed
//! of candle's.

mod composed;
mod gates;
mod pixels;
mod sequence;
mod taps;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
mod winograd;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use self::sequence::Sequence;
use super::weights::{Init, Weights};

/// Bumped when the same weights and inputs would give other outputs or gradients.
pub const VERSION: u32 = 3;

/// The function of the gates i, f and o.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecurrentActivation {
    /// The logistic function: Keras 3's default.
    #[default]
    Sigmoid,
    /// 0.2 x + 0.5, kept in [0, 1]: Keras 2's default.
    HardSigmoid,
}

/// One ConvLSTM2D layer that gives its last hidden state.
#[derive(Debug, Clone)]
pub struct ConvLstm2d {
    channels: usize,
    filters: usize,
    kernel_size: usize,
    activation: RecurrentActivation,
    kernel: Tensor,           // [k, k, channels, 4 · filters]
    recurrent_kernel: Tensor, // [k, k, filters, 4 · filters]
    bias: Tensor,             // [4 · filters]
}

impl ConvLstm2d {
    /// A layer with square kernels of `kernel_size`, an odd number, and Keras's initial weights below the path of `weights`:
    /// `kernel` [k, k, channels, 4 · filters] uniform as Glorot's, `recurrent_kernel` [k, k, filters, 4 · filters]
    /// orthogonal, `bias` [4 · filters] zero but for ones at the forget gate.
    ///
    /// # Errors
    /// When the kernel has no middle, one of these weights was made before, or the device refuses.
    pub fn new(
        channels: usize,
        filters: usize,
        kernel_size: usize,
        activation: RecurrentActivation,
        weights: &Weights,
    ) -> Result<Self> {
        if kernel_size.is_multiple_of(2) {
            candle_core::bail!("a kernel of {kernel_size} x {kernel_size} has no middle");
        }
        let (k, gates) = (kernel_size, 4 * filters);
        let kernel = Init::GlorotUniform {
            fan_in: k * k * channels,
            fan_out: k * k * gates,
        };
        Ok(Self {
            channels,
            filters,
            kernel_size,
            activation,
            kernel: weights.make("kernel", &[k, k, channels, gates], kernel)?,
            recurrent_kernel: weights.make("recurrent_kernel", &[k, k, filters, gates], Init::Orthogonal)?,
            bias: weights.make("bias", &[gates], Init::Blocks(&[0.0, 1.0, 0.0, 0.0]))?,
        })
    }

    /// maps [batch, time, height, width, channels], f32 → the last hidden state [batch, height, width, filters].
    ///
    /// The gradient of the maps is computed only where they have a graph behind them, which stored feature maps have not.
    ///
    /// # Errors
    /// When the shape does not fit, the numbers are not f32, or the device refuses.
    pub fn forward(&self, maps: &Tensor) -> Result<Tensor> {
        let (batch, time, height, width, channels) = maps.dims5()?;
        if maps.elem_count() == 0 || channels != self.channels {
            candle_core::bail!(
                "a ConvLSTM2D of {} channels got maps [batch, time, height, width, channels] = {:?}",
                self.channels,
                maps.dims()
            );
        }
        if !maps.device().is_cpu() {
            return composed::composed(self, maps);
        }
        let sequence = Sequence::new(sequence::Sizes {
            batch,
            time,
            height,
            width,
            channels,
            filters: self.filters,
            kernel: self.kernel_size,
            activation: self.activation,
        });
        let recurrent = sequence::packed(&self.recurrent_kernel, &self.bias)?;
        maps.contiguous()?.apply_op3(&self.kernel, &recurrent, sequence)
    }

    /// Numbers in all of its weights.
    pub fn weight_count(&self) -> usize {
        let weights = [&self.kernel, &self.recurrent_kernel, &self.bias];
        weights.iter().map(|weight| weight.elem_count()).sum()
    }

    /// Channels of its hidden state.
    pub fn filters(&self) -> usize {
        self.filters
    }
}
