//! Every way of computing a convolution against the definition.

use super::*;
use crate::rng;

fn numbers(count: usize, purpose: &str) -> Vec<f32> {
    let mut stream = rng::stream(0, purpose, 0, 0);
    (0..count).map(|_| stream.normal() as f32).collect()
}

/// The definition, in f64.
fn defined(
    input: &[f32],
    maps: Maps,
    kernel: &[f32],
    bias: &[f32],
    [size, stride, inputs, outputs]: [usize; 4],
) -> Vec<f64> {
    let (height, width) = (maps.height.div_ceil(stride), maps.width.div_ceil(stride));
    let mut sums = Vec::new();
    for image in 0..maps.images {
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            for (output, bias) in bias.iter().enumerate() {
                let mut sum = f64::from(*bias);
                for (row, column) in (0..size).flat_map(|r| (0..size).map(move |c| (r, c))) {
                    let from_y = (y * stride + row).wrapping_sub(size / 2);
                    let from_x = (x * stride + column).wrapping_sub(size / 2);
                    if from_y >= maps.height || from_x >= maps.width {
                        continue;
                    }
                    let place = ((image * maps.height + from_y) * maps.width + from_x) * inputs;
                    for channel in 0..inputs {
                        let weight = ((row * size + column) * inputs + channel) * outputs + output;
                        sum += f64::from(input[place + channel]) * f64::from(kernel[weight]);
                    }
                }
                sums.push(sum);
            }
        }
    }
    sums
}

fn hold(maps: Maps, shape: [usize; 4]) {
    let [size, _, inputs, outputs] = shape;
    let input = numbers(maps.positions() * inputs, "input");
    let kernel = numbers(size * size * inputs * outputs, "kernel");
    let bias = numbers(outputs, "bias");
    let expected = defined(&input, maps, &kernel, &bias, shape);
    let scale = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let layer = Convolution::new(kernel, bias, shape);
    // Winograd's transforms cost a digit.
    let allowed = if matches!(layer.way, Way::Winograd(_)) { 1e-5 } else { 2e-6 };
    let added = numbers(expected.len(), "added");
    let (mut output, mut scratch) = (Vec::new(), Scratch::default());
    for then in [Then::Linear, Then::Relu, Then::AddRelu] {
        output.clone_from(&added);
        layer.forward(&input, maps, then, &mut output, &mut scratch);
        assert_eq!(output.len(), expected.len());
        for (index, (found, sum)) in output.iter().zip(&expected).enumerate() {
            let sum = match then {
                Then::Linear => *sum,
                Then::Relu => sum.max(0.0),
                Then::AddRelu => (sum + f64::from(added[index])).max(0.0),
            };
            let off = (f64::from(*found) - sum).abs() / scale;
            assert!(off < allowed, "{shape:?} {maps:?} number {index}: {found} for {sum}");
        }
    }
}

#[test]
fn convolutions_are_those_of_the_definition() {
    let maps = |images, height, width| Maps { images, height, width };
    hold(maps(2, 5, 7), [1, 1, 6, 10]);
    hold(maps(2, 8, 6), [1, 2, 8, 16]);
    hold(maps(2, 12, 14), [7, 2, 3, 8]);
    hold(maps(1, 8, 8), [3, 2, 8, 8]);
    hold(maps(1, 9, 7), [3, 2, 4, 5]); // odd maps, channels that no lane fits
    hold(maps(1, 6, 6), [3, 1, 3, 5]);
    hold(maps(3, 8, 8), [3, 1, 16, 24]);
    hold(maps(2, 2, 2), [3, 1, 8, 8]); // smaller than a tile
    hold(maps(1, 7, 9), [3, 1, 8, 16]); // cut tiles
}

#[test]
fn blocks_of_tiles_do_not_show() {
    let maps = Maps {
        images: 5,
        height: 32,
        width: 32,
    };
    assert!(maps.positions() / 16 > 256);
    hold(maps, [3, 1, 8, 8]);
}

#[test]
fn the_largest_of_each_neighbourhood_is_kept() {
    // 1 2 3 4     at even positions, one step around:
    // 5 6 7 8     6 8
    // 9 8 7 6     9 8
    // 0 1 2 3
    let input: Vec<f32> = [1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 0, 1, 2, 3].map(|x| x as f32).to_vec();
    let maps = Maps {
        images: 1,
        height: 4,
        width: 4,
    };
    let mut output = Vec::new();
    let out = max_pool(&input, maps, 1, &mut output);
    assert_eq!((out.height, out.width), (2, 2));
    assert_eq!(output, [6.0, 8.0, 9.0, 8.0]);
}
