//! Winograd's minimal filtering, F(4x4, 3x3): 36 products for a tile of 4x4 outputs, where the definition of a 3x3 convolution takes
//! 144 (Lavin and Gray, 2016, "Fast algorithms for convolutional neural networks"). Here are its transforms, each of one row or
//! column of several channels side by side, and their transposes, which gradients need.
//!
//! No multiply-add is fused here: the factors are small whole numbers, and compilers put plain sums into vectors of any width.

/// Side of a tile of outputs.
pub(super) const TILE: usize = 4;
/// Side of the tile of inputs that it needs.
pub(super) const SEEN: usize = TILE + 2;
/// Products of a tile.
pub(super) const POINTS: usize = SEEN * SEEN;
/// Side of the kernel.
pub(super) const KERNEL: usize = 3;

/// Some channels side by side.
pub(super) type Lane<const N: usize> = [f32; N];

/// What lies so that no lane of 16 crosses a line of the cache, where it is read and written whole.
#[repr(C, align(64))]
pub(super) struct Aligned<T>(pub(super) T);

#[inline(always)]
pub(super) fn lane<const N: usize>(numbers: &[f32]) -> Lane<N> {
    let mut lane = [0.0; N];
    lane.copy_from_slice(&numbers[..N]);
    lane
}

#[inline(always)]
pub(super) fn combine<const N: usize, const TERMS: usize>(terms: [(f32, &Lane<N>); TERMS]) -> Lane<N> {
    let mut sum = [0.0; N];
    for (factor, lane) in terms {
        for (sum, number) in sum.iter_mut().zip(lane) {
            *sum += factor * number;
        }
    }
    sum
}

/// Bᵀ of the paper, times a column of six inputs.
#[inline(always)]
pub(super) fn transform_input<const N: usize>(d: [&Lane<N>; SEEN]) -> [Lane<N>; SEEN] {
    let even = combine([(1.0, d[4]), (-4.0, d[2])]);
    let odd = combine([(1.0, d[3]), (-4.0, d[1])]);
    let even2 = combine([(1.0, d[4]), (-1.0, d[2])]);
    let odd2 = combine([(2.0, d[3]), (-2.0, d[1])]);
    [
        combine([(4.0, d[0]), (-5.0, d[2]), (1.0, d[4])]),
        combine([(1.0, &even), (1.0, &odd)]),
        combine([(1.0, &even), (-1.0, &odd)]),
        combine([(1.0, &even2), (1.0, &odd2)]),
        combine([(1.0, &even2), (-1.0, &odd2)]),
        combine([(4.0, d[1]), (-5.0, d[3]), (1.0, d[5])]),
    ]
}

/// Aᵀ of the paper, times a column of six products.
#[inline(always)]
pub(super) fn transform_output<const N: usize>(m: [&Lane<N>; SEEN]) -> [Lane<N>; TILE] {
    let (sum, difference) = (combine([(1.0, m[1]), (1.0, m[2])]), combine([(1.0, m[1]), (-1.0, m[2])]));
    let (sum2, difference2) = (combine([(1.0, m[3]), (1.0, m[4])]), combine([(1.0, m[3]), (-1.0, m[4])]));
    [
        combine([(1.0, m[0]), (1.0, &sum), (1.0, &sum2)]),
        combine([(1.0, &difference), (2.0, &difference2)]),
        combine([(1.0, &sum), (4.0, &sum2)]),
        combine([(1.0, &difference), (8.0, &difference2), (1.0, m[5])]),
    ]
}

/// G of the paper, times a column of the kernel.
#[inline(always)]
pub(super) fn transform_kernel<const N: usize>(k: [&Lane<N>; KERNEL]) -> [Lane<N>; SEEN] {
    let [a, b, c] = k;
    let ends = combine([(-1.0 / 6.0, a), (-1.0 / 6.0, c)]);
    let ends2 = combine([(1.0 / 24.0, a), (1.0 / 6.0, c)]);
    [
        combine([(0.25, a)]),
        combine([(1.0, &ends), (-1.0 / 6.0, b)]),
        combine([(1.0, &ends), (1.0 / 6.0, b)]),
        combine([(1.0, &ends2), (1.0 / 12.0, b)]),
        combine([(1.0, &ends2), (-1.0 / 12.0, b)]),
        *c,
    ]
}

/// A of the paper, times a column of four gradients of outputs: those of the products.
#[inline(always)]
pub(super) fn transform_output_gradient<const N: usize>(g: [&Lane<N>; TILE]) -> [Lane<N>; SEEN] {
    let (even, odd) = (combine([(1.0, g[0]), (1.0, g[2])]), combine([(1.0, g[1]), (1.0, g[3])]));
    let (even2, odd2) = (combine([(1.0, g[0]), (4.0, g[2])]), combine([(2.0, g[1]), (8.0, g[3])]));
    [
        *g[0],
        combine([(1.0, &even), (1.0, &odd)]),
        combine([(1.0, &even), (-1.0, &odd)]),
        combine([(1.0, &even2), (1.0, &odd2)]),
        combine([(1.0, &even2), (-1.0, &odd2)]),
        *g[3],
    ]
}

/// Gᵀ of the paper, times a column of six gradients of the transformed kernel: those of the kernel.
#[inline(always)]
pub(super) fn transform_kernel_gradient<const N: usize>(u: [&Lane<N>; SEEN]) -> [Lane<N>; KERNEL] {
    let (sum, difference) = (combine([(1.0, u[1]), (1.0, u[2])]), combine([(1.0, u[2]), (-1.0, u[1])]));
    let (sum2, difference2) = (combine([(1.0, u[3]), (1.0, u[4])]), combine([(1.0, u[3]), (-1.0, u[4])]));
    [
        combine([(0.25, u[0]), (-1.0 / 6.0, &sum), (1.0 / 24.0, &sum2)]),
        combine([(1.0 / 6.0, &difference), (1.0 / 12.0, &difference2)]),
        combine([(-1.0 / 6.0, &sum), (1.0 / 6.0, &sum2), (1.0, u[5])]),
    ]
}

/// A transform along both axes of a square: numbers at (row, column) → [row][column].
#[inline(always)]
pub(super) fn square<const N: usize, const FROM: usize, const TO: usize>(
    at: impl Fn(usize, usize) -> Lane<N>,
    transform: impl Fn([&Lane<N>; FROM]) -> [Lane<N>; TO],
) -> [[Lane<N>; TO]; TO] {
    let half: Aligned<[[Lane<N>; TO]; FROM]> = Aligned(std::array::from_fn(|column| {
        let lanes: Aligned<[Lane<N>; FROM]> = Aligned(std::array::from_fn(|row| at(row, column)));
        transform(lanes.0.each_ref())
    }));
    std::array::from_fn(|row| transform(std::array::from_fn(|column| &half.0[column][row])))
}
