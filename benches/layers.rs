//! Time of the layers alone: `cargo bench --bench layers`, with a name to choose. On the threads of `RAYON_NUM_THREADS`.

#![allow(
    clippy::disallowed_methods,
    reason = "what makes a scalar of an output to go back from is no part of what is measured"
)]

use candle_core::{Device, Tensor};
use divan::Bencher;
use divan::counter::ItemsCount;
use runner::nn::conv_lstm::{ConvLstm2d, RecurrentActivation};
use runner::nn::convolution::{Convolution, Maps, Scratch, Then};
use runner::nn::matrix::{Into, Matrix, MatrixMut, Threads, product};
use runner::nn::recurrent::{Kind, Read, Recurrent, to_steps};
use runner::nn::resnet50::{Resnet50, Variant, Workspace};
use runner::nn::weights::Weights;
use runner::rng;

fn main() {
    runner::memory::keep_freed();
    divan::main();
}

fn random(count: usize) -> Vec<f32> {
    let mut stream = rng::stream(0, "bench", 0, 0);
    (0..count).map(|_| stream.uniform_f32()).collect()
}

fn numbers(shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    Tensor::from_vec(random(count), shape, &Device::Cpu).expect("numbers fill their shape")
}

/// Floating-point operations of a product of a square matrix with another.
#[divan::bench(args = [64, 256, 1024])]
fn matrix_product(bencher: Bencher, side: usize) {
    let (left, right) = (random(side * side), random(side * side));
    let mut output = vec![0.0; side * side];
    bencher.counter(ItemsCount::new(2 * side * side * side)).bench_local(|| {
        product(
            MatrixMut::new(&mut output, side, side),
            Into::Fresh,
            Matrix::new(&left, side, side),
            Matrix::new(&right, side, side),
            Threads::One,
        );
    });
}

/// A whole sequence forward and back, batch 32, hidden 30.
fn recurrent(bencher: Bencher, kind: Kind, days: usize) {
    let weights = Weights::drawn(0, &Device::Cpu);
    let layer = Recurrent::new(kind, 1, 30, &weights).expect("a layer");
    let steps = to_steps(&numbers(&[32, days, 1])).expect("three axes");
    bencher.counter(ItemsCount::new(days)).bench_local(|| {
        let last = layer.forward(&steps, Read::Last)?;
        last.sum_all()?.backward()
    });
}

#[divan::bench(args = [30, 300, 3000])]
fn lstm(bencher: Bencher, days: usize) {
    recurrent(bencher, Kind::Lstm, days);
}

#[divan::bench(args = [30, 300, 3000])]
fn gru(bencher: Bencher, days: usize) {
    recurrent(bencher, Kind::Gru, days);
}

/// Floating-point operations by the definition: [kernel's side, channels in, channels out, map's side], ten maps.
#[divan::bench(args = [[1, 64, 256, 64], [1, 1024, 256, 16], [3, 64, 64, 64], [3, 512, 512, 8]])]
fn convolution(bencher: Bencher, [size, inputs, outputs, side]: [usize; 4]) {
    let kernel = random(size * size * inputs * outputs);
    let layer = Convolution::new(kernel, random(outputs), [size, 1, inputs, outputs]);
    let maps = Maps {
        images: 10,
        height: side,
        width: side,
    };
    let images = random(maps.positions() * inputs);
    let (mut output, mut scratch) = (Vec::new(), Scratch::default());
    let operations = 2 * size * size * inputs * outputs * maps.positions();
    bencher
        .counter(ItemsCount::new(operations))
        .bench_local(|| layer.forward(&images, maps, Then::Relu, &mut output, &mut scratch));
}

/// Images of 256x256, one thread.
#[divan::bench(args = [1, 10], sample_count = 5)]
fn resnet50(bencher: Bencher, images: usize) {
    let network = Resnet50::drawn(Variant::Keras, 64, 0);
    let maps = Maps {
        images,
        height: 256,
        width: 256,
    };
    let (pixels, mut workspace) = (random(maps.positions() * 3), Workspace::default());
    bencher
        .counter(ItemsCount::new(images))
        .bench_local(|| network.forward(&pixels, maps, &mut workspace));
}

/// Clips of ten 4x4 maps of 2048 channels forward and back, batch 8.
#[divan::bench(args = [32, 64], sample_count = 5)]
fn conv_lstm(bencher: Bencher, filters: usize) {
    let weights = Weights::drawn(0, &Device::Cpu);
    let sigmoid = RecurrentActivation::Sigmoid;
    let layer = ConvLstm2d::new(2048, filters, 3, sigmoid, &weights).expect("a layer");
    let maps = numbers(&[8, 10, 4, 4, 2048]);
    bencher.counter(ItemsCount::new(8_usize)).bench_local(|| {
        let last = layer.forward(&maps)?;
        last.sum_all()?.backward()
    });
}
