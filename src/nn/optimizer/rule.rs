//! What every optimizer offers: one pass over memory for each line of its formula on the CPU, candle's operations elsewhere.

use std::fmt::Debug;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var};

use super::super::numbers::{numbers, numbers_mut};
use super::super::simd::vectorized;

/// One variable on its way.
#[derive(Debug, Clone, Copy)]
pub struct Moving<'a> {
    /// The variable.
    pub variable: &'a Var,
    /// In one piece, of the variable's shape.
    pub gradient: &'a Tensor,
    /// In the order of [`Rule::memories`].
    pub memories: &'a [Var],
}

/// How steps are made from gradients.
pub trait Rule: Debug {
    /// Version of its numbers. One above the first stands in the keys of the cells that train with it.
    fn version(&self) -> u32 {
        1
    }

    /// What is remembered of the gradients of each variable.
    fn memories(&self) -> &'static [&'static str];

    /// Step number `step`, from 1, of one variable on the CPU.
    ///
    /// # Errors
    /// When the variable is not on it.
    fn in_place(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()>;

    /// The same by candle's operations.
    ///
    /// # Errors
    /// When the device refuses.
    fn composed(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()>;
}

/// Makes step number `step`, from 1, of one variable.
pub(super) fn step(rule: &dyn Rule, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()> {
    if moving.variable.device().is_cpu() {
        rule.in_place(learning_rate, step, moving)
    } else {
        rule.composed(learning_rate, step, moving)
    }
}

/// memory = keep · memory + share · new
pub(super) fn average(memory: &Var, keep: f64, new: &Tensor, share: f64) -> Result<()> {
    memory.set(&((memory.as_tensor() * keep)? + (new * share)?)?)
}

/// Replaces each number by a function of itself and its neighbours in the same place.
pub(super) struct Each<F>(pub(super) F);

/// Numbers that one thread takes at a time, where there are more. A number does not depend on the others, nor on the thread.
const PIECE: usize = 1 << 16;

impl<F: Fn(f32, f32) -> f32 + Sync> InplaceOp2 for Each<F> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(&self, to: &mut CpuStorage, to_layout: &Layout, a: &CpuStorage, a_layout: &Layout) -> Result<()> {
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
