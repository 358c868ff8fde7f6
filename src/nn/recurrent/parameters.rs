//! The weights of a recurrent layer: PyTorch's four tensors, their packed form, and the matrices that the kernels use.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::cell::{Cell, Part, Reads};
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
        let parts = [&self.weight_ih, &self.weight_hh, &self.bias_ih, &self.bias_hh];
        let rows: Vec<Tensor> = parts.iter().map(|part| part.flatten_all()).collect::<Result<_>>()?;
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

/// Where the packed row has the weights of one row of a part; empty where the part reads none.
struct Places {
    features: Range<usize>,
    /// The input's, the hidden state's: one number each, and both are summed.
    biases: [Range<usize>; 2],
    hidden: Range<usize>,
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

    /// Where the packed row has the weights of a part's row: those of the features, of the biases that are summed, of the hidden
    /// state; empty where the part reads none.
    fn places(self, part: &Part, row: usize) -> Places {
        let rows = self.gates * self.hidden;
        let row = part.source * self.hidden + row;
        let (hidden, biases) = (rows * self.features, rows * (self.features + self.hidden));
        let (reads_features, reads_hidden) = (part.reads != Reads::Hidden, part.reads != Reads::Features);
        let piece = |start: usize, width: usize, read: bool| {
            let start = start + row * width;
            start..start + if read { width } else { 0 }
        };
        Places {
            features: piece(0, self.features, reads_features),
            biases: [piece(biases, 1, reads_features), piece(biases + rows, 1, reads_hidden)],
            hidden: piece(hidden, self.hidden, reads_hidden),
        }
    }

    /// For each part, the matrix from the input's rows that it reads to its pre-activations, row by row.
    pub(super) fn matrices<C: Cell>(self, packed: &[f32]) -> Vec<Vec<f32>> {
        let matrix = |part: &Part| {
            let rows = part.blocks.len() * self.hidden;
            let mut matrix = Vec::with_capacity(rows * self.read_by(part).len());
            for row in 0..rows {
                let places = self.places(part, row);
                let biases = places.biases.into_iter().flatten();
                matrix.extend_from_slice(&packed[places.features]);
                matrix.push(biases.fold(0.0, |sum, place| sum + packed[place]));
                matrix.extend_from_slice(&packed[places.hidden]);
            }
            matrix
        };
        C::PARTS.iter().map(matrix).collect()
    }

    /// Adds the gradient of a row of a part's matrix to the packed row of gradients: those of the features' and the hidden state's
    /// weights, and that of the bias.
    pub(super) fn add_gradient(self, packed: &mut [f32], part: &Part, row: usize, weights: &[f32], bias: f32) {
        let places = self.places(part, row);
        let (features, hidden) = weights.split_at(places.features.len());
        for (place, gradients) in [(places.features, features), (places.hidden, hidden)] {
            for (to, gradient) in packed[place].iter_mut().zip(gradients) {
                *to += gradient;
            }
        }
        for place in places.biases.into_iter().flatten() {
            packed[place] += bias;
        }
    }

    /// For each part, the columns of its matrix that belong to the input's rows in `wanted`; none where it reads none of them.
    pub(super) fn columns(self, part: &Part, wanted: &Range<usize>) -> Option<Range<usize>> {
        let read = self.read_by(part);
        let reads = !wanted.is_empty() && read.start <= wanted.start && wanted.end <= read.end;
        reads.then(|| wanted.start - read.start..wanted.end - read.start)
    }
}
