//! tanh and the logistic function on vectors, both from one rational approximation of tanh.
//!
//! tanh(x) ≈ x P(x²) / Q(x²) with P and Q of degree 4, a relative least-maximum fit on |x| ≤ 8.5 (relative error 1.2e-8
//! before rounding); beyond, tanh differs from ±1 by less than half a unit in the last place. All coefficients are
//! positive, so nothing cancels. σ(x) = (1 + tanh(x/2)) / 2. A NaN stays a NaN.

use pulp::Simd;

const BOUND: f32 = 8.5;
const NUMERATOR: [f32; 5] = [1.427_004_5e-8, 2.125_17e-5, 3.534_069_4e-3, 0.134_132_84, 1.0];
const DENOMINATOR: [f32; 5] = [8.145_48e-7, 3.348_932_5e-4, 2.602_291_6e-2, 0.467_466_06, 1.0];

/// Numerator and denominator of tanh(x). The denominator lies in [1, 320], so that a product of four stays finite and
/// several divisions can share one.
#[inline(always)]
pub(super) fn tanh_ratio<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    let (low, high) = (simd.splat_f32s(-BOUND), simd.splat_f32s(BOUND));
    // Comparisons with NaN are false, which keeps it; a minimum or maximum would lose it on some processors.
    let x = simd.select_f32s(simd.greater_than_f32s(x, high), high, x);
    let x = simd.select_f32s(simd.less_than_f32s(x, low), low, x);
    let square = simd.mul_f32s(x, x);
    let numerator = polynomial(simd, &NUMERATOR, square);
    let denominator = polynomial(simd, &DENOMINATOR, square);
    (simd.mul_f32s(x, numerator), denominator)
}

/// tanh(x).
#[inline(always)]
pub(super) fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let (numerator, denominator) = tanh_ratio(simd, x);
    simd.div_f32s(numerator, denominator)
}

/// σ(a) and σ(b), for one division.
#[inline(always)]
pub(super) fn two_sigmoids<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> (S::f32s, S::f32s) {
    let half = simd.splat_f32s(0.5);
    let (a_top, a_bottom) = tanh_ratio(simd, simd.mul_f32s(a, half));
    let (b_top, b_bottom) = tanh_ratio(simd, simd.mul_f32s(b, half));
    let shared = simd.div_f32s(half, simd.mul_f32s(a_bottom, b_bottom));
    let a = simd.mul_add_f32s(a_top, simd.mul_f32s(shared, b_bottom), half);
    let b = simd.mul_add_f32s(b_top, simd.mul_f32s(shared, a_bottom), half);
    (a, b)
}

/// σ(a) and tanh(b), for one division.
#[inline(always)]
pub(super) fn sigmoid_and_tanh<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> (S::f32s, S::f32s) {
    let half = simd.splat_f32s(0.5);
    let (a_top, a_bottom) = tanh_ratio(simd, simd.mul_f32s(a, half));
    let (b_top, b_bottom) = tanh_ratio(simd, b);
    let shared = simd.div_f32s(simd.splat_f32s(1.0), simd.mul_f32s(a_bottom, b_bottom));
    let a = simd.mul_f32s(a_top, simd.mul_f32s(shared, b_bottom));
    let b = simd.mul_f32s(b_top, simd.mul_f32s(shared, a_bottom));
    (simd.mul_add_f32s(a, half, half), b)
}

/// Slope of σ where it is y: y (1 - y).
#[inline(always)]
pub(super) fn sigmoid_slope<S: Simd>(simd: S, y: S::f32s) -> S::f32s {
    simd.mul_f32s(y, simd.sub_f32s(simd.splat_f32s(1.0), y))
}

/// Slope of tanh where it is y: 1 - y².
#[inline(always)]
pub(super) fn tanh_slope<S: Simd>(simd: S, y: S::f32s) -> S::f32s {
    simd.sub_f32s(simd.splat_f32s(1.0), simd.mul_f32s(y, y))
}

/// By Horner's rule, the highest power's coefficient first.
#[inline(always)]
fn polynomial<S: Simd>(simd: S, coefficients: &[f32; 5], x: S::f32s) -> S::f32s {
    let mut sum = simd.splat_f32s(coefficients[0]);
    for &coefficient in &coefficients[1..] {
        sum = simd.mul_add_f32s(sum, x, simd.splat_f32s(coefficient));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::WithSimd;

    use crate::nn::simd::dispatch;

    /// numbers → (σ, tanh) by each of the functions above; the count of numbers is a multiple of 16.
    struct Apply<'a>(&'a [f32]);

    impl WithSimd for Apply<'_> {
        type Output = [Vec<f32>; 5];

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let mut out: [Vec<f32>; 5] = std::array::from_fn(|_| vec![0.0; self.0.len()]);
            let (numbers, _) = S::as_simd_f32s(self.0);
            for (at, &x) in numbers.iter().enumerate() {
                let (first, second) = two_sigmoids(simd, x, simd.neg_f32s(x));
                let (third, fourth) = sigmoid_and_tanh(simd, x, x);
                let results = [first, second, third, fourth, tanh(simd, x)];
                for (out, result) in out.iter_mut().zip(results) {
                    S::as_mut_simd_f32s(out).0[at] = result;
                }
            }
            out
        }
    }

    #[test]
    fn errors_are_below_half_a_millionth() {
        let numbers: Vec<f32> = (0..640_000).map(|i| (i as f32 - 320_000.0) * 1e-4).collect();
        let [sigmoid, mirrored, other, tanh, alone] = dispatch(Apply(&numbers));
        for (at, &x) in numbers.iter().enumerate() {
            let x = f64::from(x);
            let logistic = 1.0 / (1.0 + (-x).exp());
            for (found, exact) in [
                (sigmoid[at], logistic),
                (mirrored[at], 1.0 - logistic),
                (other[at], logistic),
                (tanh[at], x.tanh()),
                (alone[at], x.tanh()),
            ] {
                assert!((f64::from(found) - exact).abs() < 5e-7, "{found} at {x}");
            }
        }
    }

    #[test]
    fn extremes_saturate_and_nan_stays() {
        let mut numbers = [0.0; 16];
        numbers[..4].copy_from_slice(&[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e30]);
        let [sigmoid, _, _, tanh, _] = dispatch(Apply(&numbers));
        assert!((sigmoid[0] - 1.0).abs() < 1e-6 && (tanh[0] - 1.0).abs() < 1e-6);
        assert!(sigmoid[1].abs() < 1e-6 && (tanh[1] + 1.0).abs() < 1e-6);
        assert!(sigmoid[2].is_nan() && tanh[2].is_nan());
        assert!((sigmoid[3] - 1.0).abs() < 1e-6);
        assert_eq!((sigmoid[4], tanh[4]), (0.5, 0.0));
    }
}
