//! The input's convolution of a ConvLSTM2D and its kernel's gradient, by Winograd's filtering where kernels are 3x3.
//!
//! The kernel changes at every training step and is large, so that it is transformed in blocks that stay in a core's own cache
//! until they are used. Maps lie with the pixels outermost, so that a transform runs along all channels of all images. Blocks and
//! threads change no sum: each runs through its depth in order.

#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::taps::Convolution;
use crate::nn::matrix::{Into, Matrix, MatrixMut, Packed, panel_product, panel_width};
use crate::nn::simd::vectorized;
use crate::nn::winograd::{
    KERNEL, Lane, POINTS, SEEN, TILE, square, transform_input, transform_kernel, transform_kernel_gradient,
    transform_output, transform_output_gradient,
};

/// Numbers that are transformed side by side.
const LANES: usize = 16;
/// Numbers of one task of a transform.
const TASK: usize = 4096;
/// Input channels whose transformed kernel is made and used at a time, and output channels at most.
const FORWARD_BLOCK: [usize; 2] = [128, 64];
/// Input and output channels of a block of the kernel's gradient.
const GRADIENT_BLOCK: [usize; 2] = [64, 128];

/// The transformed inputs: [36, tile, image, channel in].
pub(super) struct Points(Vec<f32>);

/// How 4x4 tiles lie on a map.
#[derive(Clone, Copy)]
struct Tiles {
    height: usize,
    width: usize,
}

impl Tiles {
    fn of(convolution: Convolution) -> Self {
        Self {
            height: convolution.height,
            width: convolution.width,
        }
    }

    fn across(self) -> usize {
        self.width.div_ceil(TILE)
    }

    fn count(self) -> usize {
        self.across() * self.height.div_ceil(TILE)
    }

    /// The pixel in a tile's row and column, counted from `before` pixels above and to the left of its first; None outside.
    #[inline(always)]
    fn pixel(self, tile: usize, row: usize, column: usize, before: usize) -> Option<usize> {
        let y = (tile / self.across() * TILE + row).checked_sub(before)?;
        let x = (tile % self.across() * TILE + column).checked_sub(before)?;
        (y < self.height && x < self.width).then_some(y * self.width + x)
    }
}

/// Whether a convolution is fewer products this way, by enough to pay for the transforms.
pub(super) fn fits(convolution: Convolution) -> bool {
    let products = POINTS * Tiles::of(convolution).count();
    convolution.kernel == KERNEL && 3 * products <= 2 * convolution.products_of_a_channel()
}

/// maps [pixels, images, channels in] → their points.
pub(super) fn transform_maps(convolution: Convolution, maps: &[f32]) -> Points {
    let tiles = Tiles::of(convolution);
    let length = maps.len() / (tiles.height * tiles.width); // images · channels
    Points(transformed::<SEEN>(tiles, length, maps, 1, transform_input))
}

/// Transforms squares of SIDE x SIDE pixels, one for each tile, `before` pixels above and to the left of it: [36, tile, length].
fn transformed<const SIDE: usize>(
    tiles: Tiles,
    length: usize,
    maps: &[f32],
    before: usize,
    transform: impl Fn([&Lane<LANES>; SIDE]) -> [Lane<LANES>; SEEN] + Sync + Copy,
) -> Vec<f32> {
    let mut points = vec![0.0; POINTS * tiles.count() * length];
    let parts = length.div_ceil(TASK);
    let mut tasks: Vec<Vec<&mut [f32]>> = Vec::new();
    tasks.resize_with(tiles.count() * parts, Vec::new);
    for point in points.chunks_exact_mut(tiles.count() * length) {
        let pieces = point.chunks_exact_mut(length);
        let pieces = pieces.flat_map(|tile| tile.chunks_mut(TASK));
        for (task, piece) in tasks.iter_mut().zip(pieces) {
            task.push(piece);
        }
    }
    let tasks: Vec<_> = tasks.into_iter().enumerate().collect();
    tasks.into_par_iter().for_each(|(number, mut points)| {
        let (tile, start) = (number / parts, number % parts * TASK);
        vectorized(
            #[inline(always)]
            || {
                for at in (0..points[0].len()).step_by(LANES) {
                    let seen = |row: usize, column: usize| match tiles.pixel(tile, row, column, before) {
                        Some(pixel) => {
                            let pixel = &maps[pixel * length..(pixel + 1) * length];
                            load(pixel, start + at)
                        }
                        None => [0.0; LANES],
                    };
                    let values = square(seen, transform);
                    for (point, value) in points.iter_mut().zip(values.as_flattened()) {
                        store(point, at, value);
                    }
                }
            },
        );
    });
    points
}

/// The convolution of the maps that `points` were made of by a kernel [3, 3, channels in, channels out], and `bias` [channels out]:
/// [pixels, images, channels out].
pub(super) fn forward(convolution: Convolution, points: &Points, kernel: &[f32], bias: &[f32]) -> Vec<f32> {
    let outputs = convolution.channels_out;
    let width = panel_width();
    let share = outputs.div_ceil(rayon::current_num_threads());
    let columns = share.min(FORWARD_BLOCK[1]).next_multiple_of(width);
    let firsts: Vec<usize> = (0..outputs).step_by(columns).collect();
    let block = |&first: &usize| {
        let columns = columns.min(outputs - first);
        forward_block(convolution, points, kernel, first, columns)
    };
    let blocks: Vec<Vec<f32>> = firsts.par_iter().map(block).collect();
    let rows = blocks[0].len() / columns.min(outputs);
    let mut out = vec![0.0; rows * outputs];
    for (first, block) in firsts.into_iter().zip(blocks) {
        let columns = columns.min(outputs - first);
        let bias = &bias[first..first + columns];
        let rows = out.chunks_exact_mut(outputs);
        for (to, from) in rows.zip(block.chunks_exact(columns)) {
            for ((to, from), bias) in to[first..].iter_mut().zip(from).zip(bias) {
                *to = from + bias;
            }
        }
    }
    out
}

/// Some input and output channels of a kernel.
struct KernelBlock {
    rows: Range<usize>,
    columns: Range<usize>,
}

impl KernelBlock {
    /// Transforms the block into the panels of each point: [36, size].
    #[inline(always)]
    fn transform(&self, convolution: Convolution, kernel: &[f32], width: usize, size: usize, panels: &mut [f32]) {
        let depth = self.rows.len();
        // A panel is narrower than the lane where vectors are.
        let part = width.min(LANES);
        for (k, channel) in self.rows.clone().enumerate() {
            for at in (0..self.columns.len()).step_by(LANES) {
                let tap = |row: usize, column: usize| {
                    let tap = row * KERNEL + column;
                    let line = (tap * convolution.channels_in + channel) * convolution.channels_out;
                    load(&kernel[line + self.columns.start..line + self.columns.end], at)
                };
                let values = square(tap, transform_kernel);
                let points = panels.chunks_exact_mut(size);
                for (point, value) in points.zip(values.as_flattened()) {
                    for (number, value) in value.chunks_exact(part).enumerate() {
                        let place = at + number * part;
                        if place < self.columns.len() {
                            let start = (place / width * depth + k) * width + place % width;
                            point[start..start + part].copy_from_slice(value);
                        }
                    }
                }
            }
        }
    }
}

/// Some output channels: [pixels, images, columns].
fn forward_block(convolution: Convolution, points: &Points, kernel: &[f32], first: usize, columns: usize) -> Vec<f32> {
    let tiles = Tiles::of(convolution);
    let inputs = convolution.channels_in;
    let rows = points.0.len() / (POINTS * inputs); // tiles · images
    let mut products = vec![0.0; POINTS * rows * columns];
    let width = panel_width();
    let size = columns.next_multiple_of(width) * FORWARD_BLOCK[0];
    let mut panels = vec![0.0; POINTS * size];
    for from in (0..inputs).step_by(FORWARD_BLOCK[0]) {
        let depth = FORWARD_BLOCK[0].min(inputs - from);
        let block = KernelBlock {
            rows: from..from + depth,
            columns: first..first + columns,
        };
        vectorized(
            #[inline(always)]
            || block.transform(convolution, kernel, width, size, &mut panels),
        );
        let into = if from == 0 { Into::Fresh } else { Into::Sum };
        let all = products.chunks_exact_mut(rows * columns);
        for ((product, point), panels) in all.zip(points.0.chunks_exact(rows * inputs)).zip(panels.chunks_exact(size)) {
            panel_product(
                MatrixMut::new(product, rows, columns),
                into,
                Matrix::spaced(&point[from..], rows, depth, inputs),
                panels,
            );
        }
    }
    let length = rows / tiles.count() * columns;
    let mut out = vec![0.0; tiles.height * tiles.width * length];
    vectorized(
        #[inline(always)]
        || {
            for tile in 0..tiles.count() {
                for at in (0..length).step_by(LANES) {
                    let product = |point: usize| {
                        let start = (point * tiles.count() + tile) * length;
                        load(&products[start..start + length], at)
                    };
                    let at_point = |row, column| product(row * SEEN + column);
                    for (row, line) in square(at_point, transform_output).iter().enumerate() {
                        for (column, value) in line.iter().enumerate() {
                            if let Some(pixel) = tiles.pixel(tile, row, column, 0) {
                                let pixel = &mut out[pixel * length..(pixel + 1) * length];
                                store(pixel, at, value);
                            }
                        }
                    }
                }
            }
        },
    );
    out
}

/// Gradient of the output [pixels, images, channels out] → that of the kernel [3, 3, channels in, channels out].
pub(super) fn to_kernel(convolution: Convolution, of_kernel: &mut [f32], of_output: &[f32], points: &Points) {
    let tiles = Tiles::of(convolution);
    let (inputs, outputs) = (convolution.channels_in, convolution.channels_out);
    let length = of_output.len() / (tiles.height * tiles.width); // images · channels out
    let rows = tiles.count() * length / outputs;
    let of_products = transformed::<TILE>(tiles, length, of_output, 0, transform_output_gradient);
    let of_products: Vec<&[f32]> = of_products.chunks_exact(rows * outputs).collect();
    let packed = |of_product: &&[f32]| Packed::new(Matrix::new(of_product, rows, outputs));
    let of_products: Vec<Packed> = of_products.par_iter().map(packed).collect();

    let mut tasks: Vec<Vec<&mut [f32]>> = Vec::new();
    tasks.resize_with(inputs.div_ceil(GRADIENT_BLOCK[0]), Vec::new);
    for tap in of_kernel.chunks_exact_mut(inputs * outputs) {
        let pieces = tap.chunks_mut(GRADIENT_BLOCK[0] * outputs);
        for (task, piece) in tasks.iter_mut().zip(pieces) {
            task.push(piece);
        }
    }
    let tasks: Vec<_> = tasks.into_iter().enumerate().collect();
    tasks.into_par_iter().for_each(|(number, mut of_taps)| {
        let first = number * GRADIENT_BLOCK[0];
        let channels = GRADIENT_BLOCK[0].min(inputs - first);
        let mut seen = vec![0.0; rows * channels];
        let mut of_points = vec![0.0; POINTS * channels * GRADIENT_BLOCK[1]];
        for start in (0..outputs).step_by(GRADIENT_BLOCK[1]) {
            let columns = GRADIENT_BLOCK[1].min(outputs - start);
            let size = channels * columns;
            let all = of_points.chunks_exact_mut(size);
            for ((of_point, point), of_product) in all.zip(points.0.chunks_exact(rows * inputs)).zip(&of_products) {
                let lines = point.chunks_exact(inputs);
                for (to, from) in seen.chunks_exact_mut(channels).zip(lines) {
                    to.copy_from_slice(&from[first..first + channels]);
                }
                panel_product(
                    MatrixMut::new(of_point, channels, columns),
                    Into::Fresh,
                    Matrix::new(&seen, rows, channels).transposed(),
                    of_product.panels_from(start),
                );
            }
            vectorized(
                #[inline(always)]
                || kernel_gradient_block(&of_points, size, columns, start, outputs, &mut of_taps),
            );
        }
    });
}

/// Transforms a block of gradients of the points [36, channels, columns] back into those of the taps, each [channels, outputs].
#[inline(always)]
fn kernel_gradient_block(
    of_points: &[f32],
    size: usize,
    columns: usize,
    start: usize,
    outputs: usize,
    of_taps: &mut [&mut [f32]],
) {
    for channel in 0..size / columns {
        for at in (0..columns).step_by(LANES) {
            let of_point = |point: usize| {
                let row = point * size + channel * columns;
                load(&of_points[row..row + columns], at)
            };
            let at_point = |row, column| of_point(row * SEEN + column);
            let values = square(at_point, transform_kernel_gradient);
            for (of_tap, value) in of_taps.iter_mut().zip(values.as_flattened()) {
                let of_tap = &mut of_tap[channel * outputs + start..][..columns];
                store(of_tap, at, value);
            }
        }
    }
}

/// The numbers from `at` on; zeros behind the last.
#[inline(always)]
fn load(numbers: &[f32], at: usize) -> Lane<LANES> {
    let mut lane = [0.0; LANES];
    match numbers[at..].first_chunk::<LANES>() {
        Some(numbers) => lane = *numbers,
        None => lane[..numbers.len() - at].copy_from_slice(&numbers[at..]),
    }
    lane
}

/// Writes the numbers from `at` on, as many as there are places.
#[inline(always)]
fn store(numbers: &mut [f32], at: usize, lane: &Lane<LANES>) {
    let numbers = &mut numbers[at..];
    match numbers.first_chunk_mut::<LANES>() {
        Some(numbers) => *numbers = *lane,
        None => {
            let count = numbers.len();
            numbers.copy_from_slice(&lane[..count]);
        }
    }
}
