//! Maps with the pixels outermost: [height · width, images, channels], where the images are all steps of all samples, a step
//! after the other. Neighbours in a row of pixels are neighbours in memory then, so that a shifted map is a piece of the map.

/// Sizes of a stack of maps.
#[derive(Clone, Copy)]
pub(super) struct Stack {
    pub(super) pixels: usize,
    pub(super) time: usize,
    pub(super) batch: usize,
}

impl Stack {
    /// [batch, time, pixels, width] → [pixels, time · batch, width].
    pub(super) fn pixels_first(self, maps: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(maps.len());
        let width = self.width(maps);
        for pixel in 0..self.pixels {
            for t in 0..self.time {
                for sample in 0..self.batch {
                    let from = ((sample * self.time + t) * self.pixels + pixel) * width;
                    out.extend_from_slice(&maps[from..from + width]);
                }
            }
        }
        out
    }

    /// The backward pass.
    pub(super) fn samples_first(self, maps: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(maps.len());
        let width = self.width(maps);
        for sample in 0..self.batch {
            for t in 0..self.time {
                for pixel in 0..self.pixels {
                    let from = ((pixel * self.time + t) * self.batch + sample) * width;
                    out.extend_from_slice(&maps[from..from + width]);
                }
            }
        }
        out
    }

    /// Copies step `t` out of [pixels, time · batch, width] into [pixels, batch, width].
    pub(super) fn take_step(self, stack: &[f32], t: usize, step: &mut [f32]) {
        let row = step.len() / self.pixels;
        let stacks = stack.chunks_exact(self.time * row);
        for (to, from) in step.chunks_exact_mut(row).zip(stacks) {
            to.copy_from_slice(&from[t * row..(t + 1) * row]);
        }
    }

    /// Copies [pixels, batch, width] into step `t` of [pixels, time · batch, width].
    pub(super) fn put_step(self, stack: &mut [f32], t: usize, step: &[f32]) {
        let row = step.len() / self.pixels;
        let stacks = stack.chunks_exact_mut(self.time * row);
        for (from, to) in step.chunks_exact(row).zip(stacks) {
            to[t * row..(t + 1) * row].copy_from_slice(from);
        }
    }

    fn width(self, maps: &[f32]) -> usize {
        maps.len() / (self.pixels * self.time * self.batch)
    }
}
