//! The formulas of the optimizers: one pass over memory for each line on the CPU, candle's operations elsewhere.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var};

use super::super::numbers::{numbers, numbers_mut};
use super::super::simd::vectorized;
use super::{AdamSpec, OptimizerSpec, RmspropSpec, SgdSpec};

/// One variable on its way.
pub(super) struct Moving<'a> {
    pub(super) variable: &'a Var,
    /// In one piece, of the variable's shape.
    pub(super) gradient: &'a Tensor,
    /// In the order of `OptimizerSpec::memories`.
    pub(super) memories: &'a [Var],
}

/// Makes step number `step`, from 1, of one variable.
pub(super) fn step(
    spec: &OptimizerSpec,
    learning_rate: f64,
    step: i64,
    moving: Moving<'_>,
) -> Result<()> {
    if moving.variable.device().is_cpu() {
        in_place(spec, learning_rate, step, moving)
    } else {
        composed(spec, learning_rate, step, moving)
    }
}

/// Adam's step size and the factor on the root of the mean square, both corrected for the zeros at the start.
fn corrected(spec: &AdamSpec, learning_rate: f64, step: i64) -> (f64, f64) {
    let correction = |beta: f64| 1.0 - libm::pow(beta, step as f64);
    let size = learning_rate / correction(spec.beta1);
    (size, 1.0 / correction(spec.beta2).sqrt())
}

fn in_place(spec: &OptimizerSpec, learning_rate: f64, step: i64, moving: Moving<'_>) -> Result<()> {
    let (variable, gradient) = (moving.variable, moving.gradient);
    let rate = learning_rate as f32;
    match (spec, moving.memories) {
        (OptimizerSpec::Adam(spec), [mean, square]) => {
            let (size, root_scale) = corrected(spec, learning_rate, step);
            let (size, root_scale) = (size as f32, root_scale as f32);
            let epsilon = spec.epsilon as f32;
            let (keep, share) = (spec.beta1 as f32, (1.0 - spec.beta1) as f32);
            mean.inplace_op2(gradient, &Each(|m, g| keep * m + share * g))?;
            let (keep, share) = (spec.beta2 as f32, (1.0 - spec.beta2) as f32);
            square.inplace_op2(gradient, &Each(|s, g| keep * s + share * g * g))?;
            let moved = |x, m, s: f32| x - size * m / (s.sqrt() * root_scale + epsilon);
            variable.inplace_op3(mean, square, &Each(moved))
        }
        (OptimizerSpec::Rmsprop(spec), [square]) => {
            let (keep, share) = (spec.rho as f32, (1.0 - spec.rho) as f32);
            let epsilon = spec.epsilon as f32;
            square.inplace_op2(gradient, &Each(|s, g| keep * s + share * g * g))?;
            let moved = |x, g, s: f32| x - rate * g / (s + epsilon).sqrt();
            variable.inplace_op3(gradient, square, &Each(moved))
        }
        (OptimizerSpec::Sgd(_), []) => variable.inplace_op2(gradient, &Each(|x, g| x - rate * g)),
        (OptimizerSpec::Sgd(spec), [velocity]) => {
            let momentum = spec.momentum as f32;
            velocity.inplace_op2(gradient, &Each(|v, g| momentum * v + g))?;
            variable.inplace_op2(velocity, &Each(|x, v| x - rate * v))
        }
        _ => unreachable!("the memories are those of the kind"),
    }
}

pub(super) fn composed(
    spec: &OptimizerSpec,
    learning_rate: f64,
    step: i64,
    moving: Moving<'_>,
) -> Result<()> {
    let (variable, gradient) = (moving.variable, moving.gradient);
    let average = |memory: &Var, keep: f64, new: &Tensor, share: f64| {
        memory.set(&((memory.as_tensor() * keep)? + (new * share)?)?)
    };
    match (spec, moving.memories) {
        (OptimizerSpec::Adam(spec), [mean, square]) => {
            let (size, root_scale) = corrected(spec, learning_rate, step);
            average(mean, spec.beta1, gradient, 1.0 - spec.beta1)?;
            average(square, spec.beta2, &gradient.sqr()?, 1.0 - spec.beta2)?;
            let root = ((square.sqrt()? * root_scale)? + spec.epsilon)?;
            variable.set(&(variable.as_tensor() - ((mean.as_tensor() * size)? / root)?)?)
        }
        (OptimizerSpec::Rmsprop(RmspropSpec { rho, epsilon }), [square]) => {
            average(square, *rho, &gradient.sqr()?, 1.0 - rho)?;
            let root = (square.as_tensor() + *epsilon)?.sqrt()?;
            variable.set(&(variable.as_tensor() - ((gradient * learning_rate)? / root)?)?)
        }
        (OptimizerSpec::Sgd(_), []) => {
            variable.set(&(variable.as_tensor() - (gradient * learning_rate)?)?)
        }
        (OptimizerSpec::Sgd(SgdSpec { momentum }), [velocity]) => {
            average(velocity, *momentum, gradient, 1.0)?;
            variable.set(&(variable.as_tensor() - (velocity.as_tensor() * learning_rate)?)?)
        }
        _ => unreachable!("the memories are those of the kind"),
    }
}

/// Replaces each number by a function of itself and its neighbours in the same place.
struct Each<F>(F);

/// Numbers that one thread takes at a time, where there are more. A number does not depend on the others, nor on the thread.
const PIECE: usize = 1 << 16;

impl<F: Fn(f32, f32) -> f32 + Sync> InplaceOp2 for Each<F> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        to_layout: &Layout,
        a: &CpuStorage,
        a_layout: &Layout,
    ) -> Result<()> {
        let (to, a) = (numbers_mut(to, to_layout)?, numbers(a, a_layout)?);
        let piece = |(to, a): (&mut [f32], &[f32])| {
            vectorized(
                #[inline(always)]
                || {
                    for (x, &a) in to.iter_mut().zip(a) {
                        *x = (self.0)(*x, a);
                    }
                },
            );
        };
        if to.len() <= PIECE {
            piece((to, a));
        } else {
            let pieces = to.par_chunks_mut(PIECE).zip(a.par_chunks(PIECE));
            pieces.for_each(piece);
        }
        Ok(())
    }
}

impl<F: Fn(f32, f32, f32) -> f32 + Sync> InplaceOp3 for Each<F> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        to_layout: &Layout,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<()> {
        let (a, b) = (numbers(a, a_layout)?, numbers(b, b_layout)?);
        let to = numbers_mut(to, to_layout)?;
        let piece = |((to, a), b): ((&mut [f32], &[f32]), &[f32])| {
            vectorized(
                #[inline(always)]
                || {
                    for ((x, &a), &b) in to.iter_mut().zip(a).zip(b) {
                        *x = (self.0)(*x, a, b);
                    }
                },
            );
        };
        if to.len() <= PIECE {
            piece(((to, a), b));
        } else {
            let pieces = to.par_chunks_mut(PIECE).zip(a.par_chunks(PIECE));
            pieces.zip(b.par_chunks(PIECE)).for_each(piece);
        }
        Ok(())
    }
}
