//! The same layer composed of candle's operations, a few for each step: for devices other than the CPU.

#![expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]

use candle_core::{D, Result, Tensor};
use candle_nn::ops::sigmoid;

use super::{ConvLstm2d, RecurrentActivation};

/// maps [batch, time, height, width, channels] → the last hidden state [batch, height, width, filters].
pub(super) fn composed(layer: &ConvLstm2d, maps: &Tensor) -> Result<Tensor> {
    let (batch, time, height, width, _) = maps.dims5()?;
    let gates = |x: &Tensor| match layer.activation {
        RecurrentActivation::Sigmoid => sigmoid(x),
        RecurrentActivation::HardSigmoid => ((x * 0.2)? + 0.5)?.clamp(0f32, 1f32),
    };
    let steps = maps.transpose(0, 1)?.contiguous()?.flatten(0, 1)?; // [time · batch, height, width, channels]
    let from_maps = convolution(&steps, &layer.kernel)?.broadcast_add(&layer.bias)?;
    let from_maps = from_maps.reshape((time, batch, height, width, ()))?;
    let mut h: Option<Tensor> = None;
    let mut c: Option<Tensor> = None;
    for t in 0..time {
        let mut sums = from_maps.get(t)?;
        if let Some(h) = &h {
            sums = (sums + convolution(h, &layer.recurrent_kernel)?)?;
        }
        let sums = sums.chunk(4, D::Minus1)?;
        let (i, f, o) = (gates(&sums[0])?, gates(&sums[1])?, gates(&sums[3])?);
        let new = (i * sums[2].tanh()?)?;
        let cell = match &c {
            Some(before) => ((f * before)? + new)?,
            None => new,
        };
        h = Some((o * cell.tanh()?)?);
        c = Some(cell);
    }
    match h {
        Some(h) => Ok(h),
        None => candle_core::bail!("a ConvLSTM2D got a sequence without steps"),
    }
}

/// images [images, height, width, channels in], kernel [k, k, channels in, channels out] → [images, height, width, channels
/// out], with zeros padded: one product with what every tap sees, since candle's convolutions are slow in the backward pass.
fn convolution(images: &Tensor, kernel: &Tensor) -> Result<Tensor> {
    let (count, height, width, channels) = images.dims4()?;
    let (size, _, _, outputs) = kernel.dims4()?;
    let middle = size / 2;
    let padded = images.pad_with_zeros(1, middle, middle)?;
    let padded = padded.pad_with_zeros(2, middle, middle)?;
    let mut seen = Vec::with_capacity(size * size);
    for down in 0..size {
        for right in 0..size {
            seen.push(padded.narrow(1, down, height)?.narrow(2, right, width)?);
        }
    }
    let seen = Tensor::cat(&seen, 3)?.reshape((count * height * width, size * size * channels))?;
    let kernel = kernel.reshape((size * size * channels, outputs))?;
    seen.matmul(&kernel)?.reshape((count, height, width, outputs))
}
