//! The weights of a recurrent layer: PyTorch's four tensors, their packed form, and the matrices that the kernels use.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::cell::{Cell, Part, Reads};
use super::product::Packed;
use crate::nn::weights::{Init, Weights};

/// PyTorch's four tensors of one layer.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub(super) weight_ih: Tensor, // [gates · hidden, features]
    pub(super) weight_hh: Tensor, // [gates · hidden, hidden]
    pub(super) bias_ih: Tensor,   // [gates · hidden]
    pub(super) bias_hh: Tensor,   // [gates · hidden]
}

impl Parameters {
    /// Draws all four uniformly within ±1/√hidden, as PyTorch does.
    pub(super) fn drawn(sizes: Sizes, weights: &Weights) -> Result<Self> {
        let bound = 1.0 / (sizes.hidden as f32).sqrt();
        let rows = sizes.gates * sizes.hidden;
        let draw = |name: &str, shape: &[usize]| weights.make(name, shape, Init::Uniform { bound });
        Ok(Self {
            weight_ih: draw("weight_ih", &[rows, sizes.features])?,
            weight_hh: draw("weight_hh", &[rows, sizes.hidden])?,
            bias_ih: draw("bias_ih", &[rows])?,
            bias_hh: draw("bias_hh", &[rows])?,
        })
    }

    /// All numbers of the four in one row, in that order: what the sequence operation takes.
    pub(super) fn packed(&self) -> Result<Tensor> {
        let parts = [
            &self.weight_ih,
            &self.weight_hh,
            &self.bias_ih,
            &self.bias_hh,
        ];
        let rows: Vec<Tensor> = parts
            .iter()
            .map(|part| part.flatten_all())
            .collect::<Result<_>>()?;
        Tensor::cat(&rows, 0)
    }
}

/// Sizes of one layer, and with them where each weight lies in the packed row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) gates: usize,
    pub(super) features: usize,
    pub(super) hidden: usize,
}

impl Sizes {
    /// Numbers in the packed row.
    pub(super) fn count(self) -> usize {
        self.gates * self.hidden * (self.features + self.hidden + 2)
    }

    /// Rows of a step's input: x, ones, h.
    pub(super) fn input_rows(self) -> usize {
        self.features + 1 + self.hidden
    }

    /// The input's rows of h.
    pub(super) fn hidden_rows(self) -> Range<usize> {
        self.features + 1..self.input_rows()
    }

    /// The input's rows that a part reads.
    pub(super) fn read_by(self, part: &Part) -> Range<usize> {
        match part.reads {
            Reads::Both => 0..self.input_rows(),
            Reads::Features => 0..self.features + 1,
            Reads::Hidden => self.features..self.input_rows(),
        }
    }

    /// Places in the packed row of the weight between a part's row and an input row; a bias can be the sum of two.
    fn places(self, part: &Part, row: usize, input_row: usize) -> (usize, Option<usize>) {
        let rows = self.gates * self.hidden;
        let row = part.source * self.hidden + row;
        let bias_ih = rows * (self.features + self.hidden);
        if input_row < self.features {
            (row * self.features + input_row, None)
        } else if input_row > self.features {
            let column = input_row - self.features - 1;
            (rows * self.features + row * self.hidden + column, None)
        } else {
            match part.reads {
                Reads::Both => (bias_ih + row, Some(bias_ih + rows + row)),
                Reads::Features => (bias_ih + row, None),
                Reads::Hidden => (bias_ih + rows + row, None),
            }
        }
    }

    /// The weight between a part's row and an input row.
    fn weight(self, packed: &[f32], part: &Part, row: usize, input_row: usize) -> f32 {
        let (place, other) = self.places(part, row, input_row);
        packed[place] + other.map_or(0.0, |other| packed[other])
    }

    /// Adds that weight's gradient to the packed row of gradients.
    pub(super) fn add_gradient(
        self,
        packed: &mut [f32],
        part: &Part,
        row: usize,
        input_row: usize,
        gradient: f32,
    ) {
        let (place, other) = self.places(part, row, input_row);
        packed[place] += gradient;
        if let Some(other) = other {
            packed[other] += gradient;
        }
    }

    /// For each part, the matrix from the input's rows to its pre-activations.
    pub(super) fn matrices<C: Cell>(self, packed: &[f32]) -> Vec<Packed> {
        let matrix = |part: &Part| {
            let read = self.read_by(part);
            let rows = part.blocks.len() * self.hidden;
            Packed::new(rows, read.len(), |row, column| {
                self.weight(packed, part, row, read.start + column)
            })
        };
        C::PARTS.iter().map(matrix).collect()
    }

    /// For each part, the matrix from gradients of its pre-activations to those of the input's rows in `wanted`; none where
    /// the part reads none of them.
    pub(super) fn transposed<C: Cell>(
        self,
        packed: &[f32],
        wanted: Range<usize>,
    ) -> Vec<Option<Packed>> {
        let matrix = |part: &Part| {
            let read = self.read_by(part);
            let reads = !wanted.is_empty() && read.start <= wanted.start && wanted.end <= read.end;
            reads.then(|| {
                let depth = part.blocks.len() * self.hidden;
                Packed::new(wanted.len(), depth, |input_row, row| {
                    self.weight(packed, part, row, wanted.start + input_row)
                })
            })
        };
        C::PARTS.iter().map(matrix).collect()
    }
}
