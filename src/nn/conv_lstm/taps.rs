//! A convolution as matrix products, without a copy of the map for each tap of the kernel: where the pixels lie outermost, the
//! map that one tap sees is a piece of the map itself. What lies on the padding is left out, not multiplied by zero.

use crate::nn::matrix::{Into, Matrix, MatrixMut, Threads, product};

/// The convolution of maps of one size: [height · width, images, channels in] → [height · width, images, channels out], by a
/// kernel [k, k, channels in, channels out], with zeros padded around the map.
#[derive(Clone, Copy)]
pub(super) struct Convolution {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) kernel: usize,
    pub(super) channels_in: usize,
    pub(super) channels_out: usize,
}

/// A row of pixels, or several whole rows, that one tap leads from the input to the output.
struct Run {
    tap: usize,
    input: usize,
    output: usize,
    pixels: usize,
}

impl Convolution {
    /// output += input * kernel.
    pub(super) fn forward(self, output: &mut [f32], input: &[f32], kernel: &[f32]) {
        let images = self.images(input, self.channels_in);
        for run in self.runs() {
            let (input, rows) = piece(input, run.input, run.pixels, images, self.channels_in);
            let (output, _) = piece_mut(output, run.output, run.pixels, images, self.channels_out);
            product(
                MatrixMut::new(output, rows, self.channels_out),
                Into::Sum,
                Matrix::new(input, rows, self.channels_in),
                self.tap(kernel, run.tap),
                Threads::All,
            );
        }
    }

    /// Gradient of the output → adds that of the input to `of_input`.
    pub(super) fn to_input(self, of_input: &mut [f32], of_output: &[f32], kernel: &[f32]) {
        let images = self.images(of_output, self.channels_out);
        for run in self.runs() {
            let (of_output, rows) =
                piece(of_output, run.output, run.pixels, images, self.channels_out);
            let (of_input, _) =
                piece_mut(of_input, run.input, run.pixels, images, self.channels_in);
            product(
                MatrixMut::new(of_input, rows, self.channels_in),
                Into::Sum,
                Matrix::new(of_output, rows, self.channels_out),
                self.tap(kernel, run.tap).transposed(),
                Threads::All,
            );
        }
    }

    /// Gradient of the output → adds that of the kernel to `of_kernel`.
    pub(super) fn to_kernel(self, of_kernel: &mut [f32], of_output: &[f32], input: &[f32]) {
        let images = self.images(input, self.channels_in);
        let size = self.channels_in * self.channels_out;
        for run in self.runs() {
            let (input, rows) = piece(input, run.input, run.pixels, images, self.channels_in);
            let (of_output, _) =
                piece(of_output, run.output, run.pixels, images, self.channels_out);
            let of_tap = &mut of_kernel[run.tap * size..(run.tap + 1) * size];
            product(
                MatrixMut::new(of_tap, self.channels_in, self.channels_out),
                Into::Sum,
                Matrix::new(input, rows, self.channels_in).transposed(),
                Matrix::new(of_output, rows, self.channels_out),
                Threads::All,
            );
        }
    }

    /// Numbers in a kernel.
    pub(super) fn kernel_count(self) -> usize {
        self.kernel * self.kernel * self.channels_in * self.channels_out
    }

    fn images(self, maps: &[f32], channels: usize) -> usize {
        maps.len() / (self.height * self.width * channels)
    }

    fn tap(self, kernel: &[f32], tap: usize) -> Matrix<'_> {
        let size = self.channels_in * self.channels_out;
        let numbers = &kernel[tap * size..(tap + 1) * size];
        Matrix::new(numbers, self.channels_in, self.channels_out)
    }

    /// All runs, tap after tap.
    fn runs(self) -> Vec<Run> {
        let mut runs = Vec::new();
        for tap in 0..self.kernel * self.kernel {
            let (down, right) = (tap / self.kernel, tap % self.kernel);
            let (y, from_y, rows) = overlap(down, self.kernel, self.height);
            let (x, from_x, columns) = overlap(right, self.kernel, self.width);
            if rows == 0 || columns == 0 {
                continue;
            }
            let run = |row: usize, pixels| Run {
                tap,
                input: (from_y + row) * self.width + from_x,
                output: (y + row) * self.width + x,
                pixels,
            };
            if columns == self.width {
                runs.push(run(0, rows * columns));
            } else {
                runs.extend((0..rows).map(|row| run(row, columns)));
            }
        }
        runs
    }
}

/// Along one axis of `size` pixels, place `tap` of the kernel leads from pixels (second, …) to pixels (first, …), as many as
/// the third number says.
fn overlap(tap: usize, kernel: usize, size: usize) -> (usize, usize, usize) {
    let middle = kernel / 2;
    let (to, from) = (middle.saturating_sub(tap), tap.saturating_sub(middle));
    (to, from, size.saturating_sub(to.max(from)))
}

/// The numbers of some pixels of all images, and the count of rows that they make.
fn piece(
    maps: &[f32],
    first: usize,
    pixels: usize,
    images: usize,
    channels: usize,
) -> (&[f32], usize) {
    let pixel = images * channels;
    (
        &maps[first * pixel..(first + pixels) * pixel],
        pixels * images,
    )
}

fn piece_mut(
    maps: &mut [f32],
    first: usize,
    pixels: usize,
    images: usize,
    channels: usize,
) -> (&mut [f32], usize) {
    let pixel = images * channels;
    let numbers = &mut maps[first * pixel..(first + pixels) * pixel];
    (numbers, pixels * images)
}
