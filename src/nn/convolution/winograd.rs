//! 3x3 convolutions of frozen networks by Winograd's minimal filtering, in blocks of tiles that stay in the processor's cache.

use super::{Maps, Scratch, Then, at_least};
use crate::nn::matrix::{Finish, Matrix, Packed, Threads};
use crate::nn::simd::vectorized;
use crate::nn::winograd::{Aligned, Lane, POINTS, SEEN, TILE, combine, lane, transform_input, transform_output};

/// Channels that are transformed side by side: so many where all channels come in such lanes, else half as many.
const WIDE: usize = 16;
/// The fewest.
const LANES: usize = WIDE / 2;
/// Tiles of a block, at least: so many share one reading of the kernel.
const LEAST_TILES: usize = 48;
/// Numbers between the points of a block. Without them the 36 points of a tile would lie a power of two apart, and push each
/// other out of the first cache.
const GAP: usize = 16;

/// The transformed kernel: for each of the 36 points a matrix [input, output].
#[derive(Debug, Clone)]
pub(super) struct Winograd {
    points: Vec<Packed>,
    inputs: usize,
    outputs: usize,
}

/// Whether channels come in whole lanes.
pub(super) fn fits(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(LANES) && outputs.is_multiple_of(LANES)
}

/// G of the paper, times a row of three.
fn transform_kernel([a, b, c]: [f64; 3]) -> [f64; SEEN] {
    [
        a / 4.0,
        -(a + b + c) / 6.0,
        -(a - b + c) / 6.0,
        a / 24.0 + b / 12.0 + c / 6.0,
        a / 24.0 - b / 12.0 + c / 6.0,
        c,
    ]
}

impl Winograd {
    /// From a kernel [3, 3, inputs, outputs].
    pub(super) fn new(kernel: &[f32], inputs: usize, outputs: usize) -> Self {
        let size = inputs * outputs;
        let mut points = vec![0.0; POINTS * size];
        for index in 0..size {
            let tap = |row: usize, column: usize| f64::from(kernel[(row * 3 + column) * size + index]);
            let rows = [0, 1, 2].map(|row| transform_kernel([0, 1, 2].map(|column| tap(row, column))));
            for column in 0..SEEN {
                let transformed = transform_kernel(rows.map(|row| row[column]));
                for (row, value) in transformed.into_iter().enumerate() {
                    points[(row * SEEN + column) * size + index] = value as f32;
                }
            }
        }
        let matrices = points.chunks_exact(size);
        Self {
            points: matrices
                .map(|matrix| Packed::new(Matrix::new(matrix, inputs, outputs)))
                .collect(),
            inputs,
            outputs,
        }
    }

    pub(super) fn forward(
        &self,
        input: &[f32],
        maps: Maps,
        bias: &[f32],
        then: Then,
        output: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let grid = Grid {
            maps,
            across: maps.width.div_ceil(TILE),
            down: maps.height.div_ceil(TILE),
        };
        let all = maps.images * grid.across * grid.down;
        // As many tiles as channels: a block's numbers are then as many as the kernel's, which is read once for each block.
        let block = self.inputs.max(LEAST_TILES);
        for first in (0..all).step_by(block) {
            let tiles = block.min(all - first);
            let (seen, given) = (tiles * self.inputs + GAP, tiles * self.outputs + GAP);
            let points = at_least(&mut scratch.first, POINTS * seen);
            let products = at_least(&mut scratch.second, POINTS * given);
            vectorized(
                #[inline(always)]
                || {
                    let channels = self.inputs;
                    if channels.is_multiple_of(WIDE) {
                        gather::<WIDE>(input, grid, first, tiles, channels, points);
                    } else {
                        gather::<LANES>(input, grid, first, tiles, channels, points);
                    }
                },
            );
            let seen = points.chunks_exact(seen);
            let given = products.chunks_exact_mut(given);
            let next = self.points.iter().skip(1).map(Some).chain([None]);
            let matrices = self.points.iter().zip(next);
            for (((matrix, next), seen), given) in matrices.zip(seen).zip(given) {
                let (seen, given) = (&seen[..tiles * self.inputs], &mut given[..tiles * self.outputs]);
                let finish = Finish {
                    next,
                    ..Finish::default()
                };
                matrix.product(seen, given, finish, Threads::One);
            }
            vectorized(
                #[inline(always)]
                || {
                    if bias.len().is_multiple_of(WIDE) {
                        scatter::<WIDE>(products, grid, first, tiles, bias, then, output);
                    } else {
                        scatter::<LANES>(products, grid, first, tiles, bias, then, output);
                    }
                },
            );
        }
    }
}

/// How tiles lie on the maps.
#[derive(Debug, Clone, Copy)]
struct Grid {
    maps: Maps,
    across: usize,
    down: usize,
}

impl Grid {
    /// Image, top row and left column of a tile of outputs.
    #[inline(always)]
    fn place(self, tile: usize) -> [usize; 3] {
        let (x, y) = (tile % self.across, tile / self.across % self.down);
        [tile / (self.across * self.down), y * TILE, x * TILE]
    }
}

/// Transforms the inputs of some tiles: `points` [36, tile, channel].
#[inline(always)]
fn gather<const L: usize>(input: &[f32], grid: Grid, first: usize, tiles: usize, channels: usize, points: &mut [f32]) {
    let zeros = [0.0; L];
    for tile in 0..tiles {
        let [image, top, left] = grid.place(first + tile);
        for channel in (0..channels).step_by(L) {
            let at = |row: usize, column: usize| {
                let (y, x) = ((top + row).wrapping_sub(1), (left + column).wrapping_sub(1));
                if y < grid.maps.height && x < grid.maps.width {
                    let place = ((image * grid.maps.height + y) * grid.maps.width + x) * channels;
                    lane(&input[place + channel..])
                } else {
                    zeros
                }
            };
            let mut half = Aligned([[zeros; SEEN]; SEEN]); // [column][row]
            for (column, half) in half.0.iter_mut().enumerate() {
                let mut seen = Aligned([zeros; SEEN]);
                for (row, seen) in seen.0.iter_mut().enumerate() {
                    *seen = at(row, column);
                }
                *half = transform_input(seen.0.each_ref());
            }
            for row in 0..SEEN {
                let line: [&Lane<L>; SEEN] = std::array::from_fn(|column| &half.0[column][row]);
                for (column, value) in transform_input(line).iter().enumerate() {
                    let point = (row * SEEN + column) * (tiles * channels + GAP);
                    let place = point + tile * channels + channel;
                    points[place..place + L].copy_from_slice(value);
                }
            }
        }
    }
}

/// Transforms the products of some tiles back, adds the bias and does what follows.
#[inline(always)]
fn scatter<const L: usize>(
    points: &[f32],
    grid: Grid,
    first: usize,
    tiles: usize,
    bias: &[f32],
    then: Then,
    output: &mut [f32],
) {
    let channels = bias.len();
    for tile in 0..tiles {
        let [image, top, left] = grid.place(first + tile);
        for channel in (0..channels).step_by(L) {
            let mut half = Aligned([[[0.0; L]; TILE]; SEEN]); // [column][row]
            for (column, half) in half.0.iter_mut().enumerate() {
                let mut seen = Aligned([[0.0; L]; SEEN]);
                for (row, seen) in seen.0.iter_mut().enumerate() {
                    let point = (row * SEEN + column) * (tiles * channels + GAP);
                    *seen = lane(&points[point + tile * channels + channel..]);
                }
                *half = transform_output(seen.0.each_ref());
            }
            let bias = lane(&bias[channel..]);
            for row in 0..TILE.min(grid.maps.height - top) {
                let line: [&Lane<L>; SEEN] = std::array::from_fn(|column| &half.0[column][row]);
                let line = transform_output(line);
                for (column, value) in line.iter().enumerate().take(grid.maps.width - left) {
                    let position = (image * grid.maps.height + top + row) * grid.maps.width + left + column;
                    let place = position * channels + channel;
                    let mut sum = combine([(1.0, value), (1.0, &bias)]);
                    if then == Then::AddRelu {
                        sum = combine([(1.0, &sum), (1.0, &lane(&output[place..]))]);
                    }
                    if then != Then::Linear {
                        for number in &mut sum {
                            *number = if *number > 0.0 { *number } else { 0.0 };
                        }
                    }
                    output[place..place + L].copy_from_slice(&sum);
                }
            }
        }
    }
}
