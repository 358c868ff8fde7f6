//! A convolution as matrix products, one for each tap of the kernel. The pixels lie outermost, so that what a tap sees is a piece
//! of the map itself, or a piece for each row of pixels; what lies on the padding is left out, not multiplied by zero.

use crate::nn::matrix::{Finish, Into, Matrix, MatrixMut, Packed, Threads, product};

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
    input: usize,
    output: usize,
    pixels: usize,
}

/// Memory for the rows of one tap, so that one product takes them all.
#[derive(Default)]
pub(super) struct Scratch {
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

impl Convolution {
    /// A kernel as `forward` takes it: the matrix of each tap, packed once for many calls.
    pub(super) fn packed(self, kernel: &[f32]) -> Vec<Packed> {
        let taps = (0..self.taps()).map(|tap| Packed::new(self.tap(kernel, tap)));
        taps.collect()
    }

    /// The same as `to_input` takes it.
    pub(super) fn packed_transposed(self, kernel: &[f32]) -> Vec<Packed> {
        let taps = (0..self.taps()).map(|tap| Packed::new(self.tap(kernel, tap).transposed()));
        taps.collect()
    }

    /// output += input * kernel.
    pub(super) fn forward(self, output: &mut [f32], input: &[f32], kernel: &[Packed], scratch: &mut Scratch) {
        let images = self.images(input, self.channels_in);
        let sum = Finish {
            held: true,
            ..Finish::default()
        };
        for (tap, kernel) in kernel.iter().enumerate() {
            let runs = self.runs(tap);
            if let [run] = &*runs {
                let input = piece(input, run.input, run.pixels, images, self.channels_in);
                let output = piece_mut(output, run.output, run.pixels, images, self.channels_out);
                kernel.product(input, output, sum, Threads::All);
                continue;
            }
            let rows = gather(
                input,
                images,
                self.channels_in,
                &mut scratch.inputs,
                runs.iter().map(|run| (run.input, run.pixels)),
            );
            scratch.outputs.resize(rows * self.channels_out, 0.0);
            kernel.product(&scratch.inputs, &mut scratch.outputs, Finish::default(), Threads::All);
            add(
                output,
                images,
                self.channels_out,
                &scratch.outputs,
                runs.iter().map(|run| (run.output, run.pixels)),
            );
        }
    }

    /// Gradient of the output → adds that of the input to `of_input`.
    pub(super) fn to_input(self, of_input: &mut [f32], of_output: &[f32], kernel: &[Packed], scratch: &mut Scratch) {
        let images = self.images(of_output, self.channels_out);
        for (tap, kernel) in kernel.iter().enumerate() {
            let runs = self.runs(tap);
            let outputs = runs.iter().map(|run| (run.output, run.pixels));
            let rows = gather(of_output, images, self.channels_out, &mut scratch.outputs, outputs);
            scratch.inputs.resize(rows * self.channels_in, 0.0);
            kernel.product(&scratch.outputs, &mut scratch.inputs, Finish::default(), Threads::All);
            let inputs = runs.iter().map(|run| (run.input, run.pixels));
            add(of_input, images, self.channels_in, &scratch.inputs, inputs);
        }
    }

    /// Gradient of the output → that of the kernel.
    pub(super) fn to_kernel(self, of_kernel: &mut [f32], of_output: &[f32], input: &[f32], scratch: &mut Scratch) {
        let images = self.images(input, self.channels_in);
        let size = self.channels_in * self.channels_out;
        for tap in 0..self.taps() {
            let runs = self.runs(tap);
            let inputs = runs.iter().map(|run| (run.input, run.pixels));
            let rows = gather(input, images, self.channels_in, &mut scratch.inputs, inputs);
            let outputs = runs.iter().map(|run| (run.output, run.pixels));
            gather(of_output, images, self.channels_out, &mut scratch.outputs, outputs);
            product(
                MatrixMut::new(
                    &mut of_kernel[tap * size..(tap + 1) * size],
                    self.channels_in,
                    self.channels_out,
                ),
                Into::Fresh,
                Matrix::new(&scratch.inputs, rows, self.channels_in).transposed(),
                Matrix::new(&scratch.outputs, rows, self.channels_out),
                Threads::All,
            );
        }
    }

    /// Numbers in a kernel.
    pub(super) fn kernel_count(self) -> usize {
        self.kernel * self.kernel * self.channels_in * self.channels_out
    }

    /// Products that the definition takes for one input and one output channel of an image, those with the padding left out.
    pub(super) fn products_of_a_channel(self) -> usize {
        let of_tap = |tap| self.runs(tap).iter().map(|run| run.pixels).sum::<usize>();
        (0..self.taps()).map(of_tap).sum()
    }

    fn images(self, maps: &[f32], channels: usize) -> usize {
        maps.len() / (self.height * self.width * channels)
    }

    fn tap(self, kernel: &[f32], tap: usize) -> Matrix<'_> {
        let size = self.channels_in * self.channels_out;
        let numbers = &kernel[tap * size..(tap + 1) * size];
        Matrix::new(numbers, self.channels_in, self.channels_out)
    }

    fn taps(self) -> usize {
        self.kernel * self.kernel
    }

    /// The runs of one tap; none where it sees nothing but padding.
    fn runs(self, tap: usize) -> Vec<Run> {
        let (down, right) = (tap / self.kernel, tap % self.kernel);
        let (y, from_y, rows) = overlap(down, self.kernel, self.height);
        let (x, from_x, columns) = overlap(right, self.kernel, self.width);
        let run = |row: usize, pixels| Run {
            input: (from_y + row) * self.width + from_x,
            output: (y + row) * self.width + x,
            pixels,
        };
        if rows == 0 || columns == 0 {
            Vec::new()
        } else if columns == self.width {
            vec![run(0, rows * columns)]
        } else {
            (0..rows).map(|row| run(row, columns)).collect()
        }
    }
}

/// Copies the pixels of all images, piece after piece of (first, count), into `rows`; gives the count of rows.
fn gather(
    maps: &[f32],
    images: usize,
    channels: usize,
    rows: &mut Vec<f32>,
    pieces: impl Iterator<Item = (usize, usize)>,
) -> usize {
    rows.clear();
    for (first, pixels) in pieces {
        rows.extend_from_slice(piece(maps, first, pixels, images, channels));
    }
    rows.len() / channels
}

/// Adds `rows` to the pixels of all images, piece after piece of (first, count).
fn add(maps: &mut [f32], images: usize, channels: usize, mut rows: &[f32], pieces: impl Iterator<Item = (usize, usize)>) {
    for (first, pixels) in pieces {
        let to = piece_mut(maps, first, pixels, images, channels);
        let (now, later) = rows.split_at(to.len());
        for (sum, number) in to.iter_mut().zip(now) {
            *sum += number;
        }
        rows = later;
    }
}

/// Along one axis of `size` pixels, place `tap` of the kernel leads from pixels (second, …) to pixels (first, …), as many as
/// the third number says.
fn overlap(tap: usize, kernel: usize, size: usize) -> (usize, usize, usize) {
    let middle = kernel / 2;
    let (to, from) = (middle.saturating_sub(tap), tap.saturating_sub(middle));
    (to, from, size.saturating_sub(to.max(from)))
}

/// The numbers of some pixels of all images.
fn piece(maps: &[f32], first: usize, pixels: usize, images: usize, channels: usize) -> &[f32] {
    let pixel = images * channels;
    &maps[first * pixel..(first + pixels) * pixel]
}

fn piece_mut(maps: &mut [f32], first: usize, pixels: usize, images: usize, channels: usize) -> &mut [f32] {
    let pixel = images * channels;
    &mut maps[first * pixel..(first + pixels) * pixel]
}
