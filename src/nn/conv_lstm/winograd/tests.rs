//! The transforms against the definition.

use super::*;
use crate::nn::conv_lstm::taps::Scratch;

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut stream = crate::rng::stream(seed, "test", 0, 0);
    (0..count).map(|_| stream.normal() as f32).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let far = (found - expected).abs();
        assert!(far < 2e-5 * largest, "{found} {expected}");
    }
}

#[test]
fn outputs_and_gradients_are_those_of_the_definition() {
    // Whole tiles and cut ones, more and fewer channels than a lane, a panel and a block.
    for [height, width, channels_in, channels_out] in [[8, 8, 130, 72], [5, 7, 3, 20], [4, 4, 70, 200], [3, 9, 16, 1]] {
        let convolution = Convolution {
            height,
            width,
            kernel: 3,
            channels_in,
            channels_out,
        };
        assert!(fits(convolution));
        let images = 3;
        let maps = numbers(height * width * images * channels_in, 1);
        let kernel = numbers(9 * channels_in * channels_out, 2);
        let bias = numbers(channels_out, 3);
        let points = transform_maps(convolution, &maps);
        let found = forward(convolution, &points, &kernel, &bias);
        let mut scratch = Scratch::default();
        let mut expected = bias.repeat(height * width * images);
        let packed = convolution.packed(&kernel);
        convolution.forward(&mut expected, &maps, &packed, &mut scratch);
        assert_close(&found, &expected);

        let of_output = numbers(found.len(), 4);
        let (mut found, mut expected) = (vec![0.0; kernel.len()], vec![0.0; kernel.len()]);
        to_kernel(convolution, &mut found, &of_output, &points);
        convolution.to_kernel(&mut expected, &of_output, &maps, &mut scratch);
        assert_close(&found, &expected);
    }
}

#[test]
fn small_maps_and_other_kernels_go_by_taps() {
    let convolution = |height, width, kernel| Convolution {
        height,
        width,
        kernel,
        channels_in: 8,
        channels_out: 8,
    };
    assert!(!fits(convolution(2, 2, 3)) && !fits(convolution(1, 9, 3)));
    assert!(!fits(convolution(8, 8, 5)) && !fits(convolution(8, 8, 1)));
    assert!(fits(convolution(4, 4, 3)) && fits(convolution(7, 7, 3)));
}
