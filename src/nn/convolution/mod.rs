//! Convolutions of frozen networks: forward alone, bias and activation in the same pass, through large matrix products.
//!
//! Maps lie as [image, height, width, channel], so that a 1x1 convolution is a plain product. 3x3 convolutions of stride 1 go
//! through [`winograd`], the others through blocks of columns (im2col). One thread computes; the sums of one image do not
//! depend on the images beside it.

mod columns;
#[cfg(test)]
mod tests;
mod winograd;

use winograd::Winograd;

use super::matrix::{Finish, Matrix, Packed, Threads};

/// Bumped when the same weights and maps would give other numbers.
pub const VERSION: u32 = 2;

/// Numbers of one block of gathered columns: they should stay in a core's own cache until they are multiplied.
const BLOCK: usize = 32 * 1024;

/// Gathered rows of one product, at least.
const LEAST_ROWS: usize = 96;

/// Sizes of maps: how many, how high, how wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maps {
    /// Images.
    pub images: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Maps {
    /// Positions of all maps together.
    pub fn positions(self) -> usize {
        self.images * self.height * self.width
    }
}

/// A convolution with zero padding (size - 1) / 2 on each side, and a bias.
#[derive(Debug, Clone)]
pub struct Convolution {
    /// Side of the kernel, odd.
    size: usize,
    stride: usize,
    inputs: usize,
    outputs: usize,
    /// [row · column · input, output]
    kernel: Vec<f32>,
    way: Way,
    bias: Vec<f32>,
}

/// How it is computed, and the kernel in the form that this takes.
#[derive(Debug, Clone)]
enum Way {
    Columns(Packed),
    Winograd(Winograd),
}

/// What follows the convolution, in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Linear,
    /// Negative numbers become 0.
    Relu,
    /// What the output held is added, then negative numbers become 0.
    AddRelu,
}

/// Memory that convolutions share, so that none is asked for in the loop.
#[derive(Debug, Default)]
pub struct Scratch {
    first: Vec<f32>,
    second: Vec<f32>,
}

/// The first numbers of a buffer that grows and never shrinks, so that nothing is cleared twice.
fn at_least(buffer: &mut Vec<f32>, count: usize) -> &mut [f32] {
    if buffer.len() < count {
        buffer.resize(count, 0.0);
    }
    &mut buffer[..count]
}

impl Convolution {
    /// A convolution of `kernel` [size, size, inputs, outputs] and `bias` [outputs].
    ///
    /// # Panics
    /// When the kernel's side is even, or the lists have other lengths.
    pub fn new(kernel: Vec<f32>, bias: Vec<f32>, [size, stride, inputs, outputs]: [usize; 4]) -> Self {
        assert_eq!(size % 2, 1, "the side of a kernel is odd");
        assert_eq!(kernel.len(), size * size * inputs * outputs);
        assert_eq!(bias.len(), outputs);
        let fits = size == 3 && stride == 1 && winograd::fits(inputs, outputs);
        Self {
            size,
            stride,
            inputs,
            outputs,
            way: if fits {
                Way::Winograd(Winograd::new(&kernel, inputs, outputs))
            } else {
                Way::Columns(Packed::new(Matrix::new(&kernel, size * size * inputs, outputs)))
            },
            kernel,
            bias,
        }
    }

    /// The kernel [size, size, inputs, outputs] and [size, stride, inputs, outputs].
    pub fn kernel(&self) -> (&[f32], [usize; 4]) {
        let shape = [self.size, self.stride, self.inputs, self.outputs];
        (&self.kernel, shape)
    }

    /// What is added to each output channel.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Sizes of what goes out.
    pub fn output_maps(&self, input: Maps) -> Maps {
        Maps {
            images: input.images,
            height: input.height.div_ceil(self.stride),
            width: input.width.div_ceil(self.stride),
        }
    }

    /// input [image, height, width, channel] → `output` [image, height / stride, width / stride, channel]. Both may be longer and hold
    /// anything behind that; an output that is shorter grows.
    ///
    /// # Panics
    /// When the input, or the output that is added to, is shorter than its sizes say.
    pub fn forward(&self, input: &[f32], maps: Maps, then: Then, output: &mut Vec<f32>, scratch: &mut Scratch) {
        let input = &input[..maps.positions() * self.inputs];
        let count = self.output_maps(maps).positions() * self.outputs;
        if then == Then::AddRelu {
            assert!(output.len() >= count, "{} numbers for {count}", output.len());
        }
        let output = at_least(output, count);
        match &self.way {
            Way::Winograd(winograd) => {
                winograd.forward(input, maps, &self.bias, then, output, scratch);
            }
            Way::Columns(kernel) => self.by_columns(kernel, input, maps, then, output, scratch),
        }
    }

    fn by_columns(&self, kernel: &Packed, input: &[f32], maps: Maps, then: Then, output: &mut [f32], scratch: &mut Scratch) {
        let depth = self.size * self.size * self.inputs;
        let as_they_lie = self.size == 1 && self.stride == 1;
        let rows = if as_they_lie {
            output.len() // no columns are gathered: one product for all
        } else {
            (BLOCK / depth).max(LEAST_ROWS)
        };
        for (block, output) in output.chunks_mut(rows * self.outputs).enumerate() {
            let first = block * rows;
            let count = output.len() / self.outputs;
            let columns = if as_they_lie {
                &input[first * depth..(first + count) * depth]
            } else {
                let gathered = at_least(&mut scratch.first, count * depth);
                let geometry = columns::Geometry {
                    size: self.size,
                    stride: self.stride,
                    channels: self.inputs,
                    maps,
                };
                columns::gather(input, geometry, first, gathered);
                &*gathered
            };
            let finish = Finish {
                bias: Some(&self.bias),
                held: then == Then::AddRelu,
                relu: then != Then::Linear,
                next: None,
            };
            kernel.product(columns, output, finish, Threads::One);
        }
    }
}

/// Largest number of each 3x3 neighbourhood at every second position, zeros around: [image, height, width, channel] →
/// [image, height / 2, width / 2, channel], of which `output` holds the numbers first. For maps without negative numbers.
pub fn max_pool(input: &[f32], maps: Maps, channels: usize, output: &mut Vec<f32>) -> Maps {
    let out = Maps {
        images: maps.images,
        height: maps.height.div_ceil(2),
        width: maps.width.div_ceil(2),
    };
    let output = at_least(output, out.positions() * channels);
    crate::nn::simd::vectorized(
        #[inline(always)]
        || {
            for (position, to) in output.chunks_exact_mut(channels).enumerate() {
                to.fill(0.0);
                let x = position % out.width;
                let y = position / out.width % out.height;
                let image = position / (out.width * out.height);
                for row in (2 * y).saturating_sub(1)..(2 * y + 2).min(maps.height) {
                    for column in (2 * x).saturating_sub(1)..(2 * x + 2).min(maps.width) {
                        let at = ((image * maps.height + row) * maps.width + column) * channels;
                        for (largest, number) in to.iter_mut().zip(&input[at..at + channels]) {
                            *largest = if *number > *largest { *number } else { *largest };
                        }
                    }
                }
            }
        },
    );
    out
}
