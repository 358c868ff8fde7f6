//! Maps → rows of a matrix: for each position of the output, the neighbourhood that the kernel sees.

use super::Maps;

/// What a convolution looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    /// Side of the kernel.
    pub(super) size: usize,
    pub(super) stride: usize,
    pub(super) channels: usize,
    /// Of the input.
    pub(super) maps: Maps,
}

/// Fills `rows` [position, kernel row, kernel column, channel] for the output's positions from number `first` on; zeros lie
/// around the maps.
pub(super) fn gather(input: &[f32], geometry: Geometry, first: usize, rows: &mut [f32]) {
    let Geometry {
        size,
        stride,
        channels,
        maps,
    } = geometry;
    let padding = size / 2;
    let (height, width) = (maps.height.div_ceil(stride), maps.width.div_ceil(stride));
    for (number, row) in rows.chunks_exact_mut(size * size * channels).enumerate() {
        let position = first + number;
        let (x, y) = (position % width, position / width % height);
        let image = position / (width * height);
        // Of the kernel's columns, those that lie inside the map: one piece of memory.
        let left = (x * stride) as isize - padding as isize;
        let begin = left.max(0) as usize;
        let end = ((left + size as isize) as usize).min(maps.width);
        let skipped = (begin as isize - left) as usize * channels;
        let length = (end - begin) * channels;
        for (tap, line) in row.chunks_exact_mut(size * channels).enumerate() {
            let y = (y * stride + tap).wrapping_sub(padding);
            if y >= maps.height {
                line.fill(0.0);
                continue;
            }
            let at = ((image * maps.height + y) * maps.width + begin) * channels;
            if length < line.len() {
                line[..skipped].fill(0.0);
                line[skipped + length..].fill(0.0);
            }
            copy(&mut line[skipped..skipped + length], &input[at..at + length]);
        }
    }
}

/// Numbers that are moved at once.
const SHORT: usize = 16;

/// Copies; the 21 numbers of a first layer's line, and as few, without a call.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    match (to.first_chunk_mut::<SHORT>(), from.first_chunk::<SHORT>()) {
        (Some(first), Some(numbers)) if from.len() <= 2 * SHORT => {
            *first = *numbers;
            if let (Some(last), Some(numbers)) = (to.last_chunk_mut::<SHORT>(), from.last_chunk::<SHORT>()) {
                *last = *numbers;
            }
        }
        _ => to.copy_from_slice(from),
    }
}
