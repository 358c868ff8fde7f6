//! The same layers composed of candle's operations, a few for each step: for devices other than the CPU.

#![expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]

use candle_core::{D, Result, Tensor};
use candle_nn::ops::sigmoid;

use super::parameters::Parameters;
use super::{Kind, Read};

/// steps [time, features, batch] → hidden states [time or 1, hidden, batch].
pub(super) fn composed(kind: Kind, parameters: &Parameters, steps: &Tensor, read: Read) -> Result<Tensor> {
    let (time, _, batch) = steps.dims3()?;
    let hidden = parameters.weight_hh.dim(1)?;
    let from_features = parameters.weight_ih.t()?;
    let from_hidden = parameters.weight_hh.t()?;
    let mut h = Tensor::zeros((batch, hidden), steps.dtype(), steps.device())?;
    let mut c = h.clone();
    let mut states = Vec::new();
    for t in 0..time {
        let x = steps.get(t)?.t()?.contiguous()?; // [batch, features]
        let x = x.matmul(&from_features)?.broadcast_add(&parameters.bias_ih)?;
        let u = h.matmul(&from_hidden)?.broadcast_add(&parameters.bias_hh)?;
        match kind {
            Kind::Lstm => {
                let gates = (x + u)?.chunk(4, D::Minus1)?;
                let (i, f) = (sigmoid(&gates[0])?, sigmoid(&gates[1])?);
                let (g, o) = (gates[2].tanh()?, sigmoid(&gates[3])?);
                c = ((f * c)? + (i * g)?)?;
                h = (o * c.tanh()?)?;
            }
            Kind::Gru => {
                let (x, u) = (x.chunk(3, D::Minus1)?, u.chunk(3, D::Minus1)?);
                let r = sigmoid(&(&x[0] + &u[0])?)?;
                let z = sigmoid(&(&x[1] + &u[1])?)?;
                let n = (&x[2] + (r * &u[2])?)?.tanh()?;
                h = (&n + (z * (&h - &n)?)?)?;
            }
        }
        if read == Read::Every || t + 1 == time {
            states.push(h.t()?);
        }
    }
    Tensor::stack(&states, 0)
}
