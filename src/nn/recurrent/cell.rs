//! What an LSTM and a GRU differ in: their step forward, their step back, and where PyTorch's weights stand in them.
//!
//! A step works on blocks [hidden, batch]. Its input is one block of rows: the features x, a row of ones for the bias, and
//! the hidden state h before. All pre-activations are four blocks of rows; each `Part` of them is a product of PyTorch's
//! stacked weights with some of the input's rows.

use std::ops::Range;

use pulp::Simd;

/// Which of the input's rows a part reads.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reads {
    /// x, ones and h: the weights of both, and the sum of both biases.
    Both,
    /// x and ones: the input's weights and bias.
    Features,
    /// ones and h: the hidden state's weights and bias.
    Hidden,
}

/// Some blocks of pre-activations, counted in blocks of `hidden` rows.
#[derive(Clone)]
pub(super) struct Part {
    /// Blocks among the four.
    pub(super) blocks: Range<usize>,
    /// First block in PyTorch's stack of gates.
    pub(super) source: usize,
    pub(super) reads: Reads,
}

/// One kind of recurrent layer.
pub(super) trait Cell: Send + Sync + 'static {
    const NAME: &'static str;
    /// Gates in PyTorch's stack.
    const GATES: usize;
    /// Blocks that a step keeps for the backward pass, the four of the gates first.
    const KEPT: usize;
    const PARTS: &'static [Part];

    /// `kept` holds the pre-activations in its first four blocks → what is kept, and the new hidden state. `before` is
    /// what the step before kept, zeros for the first.
    fn forward<S: Simd>(
        simd: S,
        before: &[S::f32s],
        kept: &mut [S::f32s],
        hidden_before: &[S::f32s],
        hidden: &mut [S::f32s],
    );

    /// Gradient of the hidden state → gradients of the pre-activations, in the first four blocks of `kept`, and what of the
    /// hidden state's gradient reaches the one before other than through them. `carried` goes from step to step, zeros at the
    /// last.
    fn backward<S: Simd>(
        simd: S,
        before: &[S::f32s],
        kept: &mut [S::f32s],
        hidden_before: &[S::f32s],
        gradient: &mut [S::f32s],
        carried: &mut [S::f32s],
    );
}

/// The N equal blocks of a step.
#[inline(always)]
pub(super) fn blocks<V, const N: usize>(step: &[V]) -> [&[V]; N] {
    let mut blocks = step.chunks_exact(step.len() / N);
    std::array::from_fn(|_| blocks.next().expect(N_BLOCKS))
}

/// The same, to be written.
#[inline(always)]
pub(super) fn blocks_mut<V, const N: usize>(step: &mut [V]) -> [&mut [V]; N] {
    let mut blocks = step.chunks_exact_mut(step.len() / N);
    std::array::from_fn(|_| blocks.next().expect(N_BLOCKS))
}

const N_BLOCKS: &str = "a step has as many rows as its cell has blocks of them";
