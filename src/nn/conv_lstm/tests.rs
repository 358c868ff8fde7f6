//! The layer against Keras's numbers, against candle's own differentiation and against finite differences.

use candle_core::{Device, Var};

use super::composed::composed;
use super::*;
use crate::nn::golden::{golden, largest, largest_difference};
use crate::rng;

const BOTH: [RecurrentActivation; 2] = [RecurrentActivation::Sigmoid, RecurrentActivation::HardSigmoid];

fn random(name: &str, shape: &[usize]) -> Result<Tensor> {
    let mut stream = rng::stream(1, name, 0, 0);
    let count = shape.iter().product();
    let numbers: Vec<f32> = (0..count).map(|_| stream.normal() as f32).collect();
    Tensor::from_vec(numbers, shape, &Device::Cpu)
}

/// A layer with weights of 0.3 times normal numbers.
fn layer(channels: usize, filters: usize, kernel: usize, activation: RecurrentActivation) -> Result<(ConvLstm2d, Weights)> {
    let weights = Weights::drawn(3, &Device::Cpu);
    let layer = ConvLstm2d::new(channels, filters, kernel, activation, &weights)?;
    for (path, variable) in weights.variables() {
        variable.set(&(random(&path, variable.dims())? * 0.3)?)?;
    }
    Ok((layer, weights))
}

fn golden_keras(name: &str, activation: RecurrentActivation) -> Result<()> {
    let golden = golden(name);
    let (maps, kernel) = (&golden["x_nthwc"], &golden["kernel"]);
    let filters = golden["out_nhwf"].dim(3)?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let layer = ConvLstm2d::new(maps.dim(4)?, filters, kernel.dim(0)?, activation, &weights)?;
    let mut variables = weights.variables();
    for (path, variable) in &variables {
        variable.set(&golden[path])?;
    }
    let maps = Var::from_tensor(maps)?;
    variables.push(("x".to_owned(), maps.clone()));
    for out in [layer.forward(&maps)?, composed(&layer, &maps)?] {
        assert!(largest_difference(&out, &golden["out_nhwf"])? < 1e-5);
        let gradients = (out * &golden["g_nhwf"])?.sum_all()?.backward()?;
        for (path, variable) in &variables {
            let expected = &golden[&format!("grad.{path}")];
            let found = largest_difference(gradients.get(variable).unwrap(), expected)?;
            assert!(found <= 1e-4 * largest(expected)?, "gradient of {path}");
        }
    }
    Ok(())
}

#[test]
fn golden_keras_conv_lstm_sigmoid() -> Result<()> {
    golden_keras("keras_conv_lstm_sigmoid", RecurrentActivation::Sigmoid)
}

#[test]
fn golden_keras_conv_lstm_hard_sigmoid() -> Result<()> {
    golden_keras("keras_conv_lstm_hard_sigmoid", RecurrentActivation::HardSigmoid)
}

/// [batch, time, height, width, channels], filters and kernel: maps smaller than the kernel, of one pixel, not square.
const SIZES: [([usize; 5], usize, usize); 6] = [
    ([1, 1, 1, 1, 1], 1, 1),
    ([2, 3, 4, 5, 3], 9, 3),
    ([3, 2, 1, 6, 2], 4, 3),
    ([2, 4, 2, 2, 5], 3, 5),
    ([1, 2, 7, 3, 1], 17, 3),
    ([2, 2, 5, 1, 2], 8, 7),
];

#[test]
fn fused_and_composed_agree() -> Result<()> {
    for activation in BOTH {
        for (shape, filters, kernel) in SIZES {
            let (layer, weights) = layer(shape[4], filters, kernel, activation)?;
            let maps = Var::from_tensor(&random("x", &shape)?)?;
            let (fused, other) = (layer.forward(&maps)?, composed(&layer, &maps)?);
            assert_eq!(fused.dims(), [shape[0], shape[2], shape[3], filters]);
            assert!(largest_difference(&fused, &other)? < 1e-5);

            // A strided direction, so that the gradient that arrives is strided too.
            let direction = random("g", &[filters, shape[3], shape[2], shape[0]])?;
            let direction = direction.permute((3, 2, 1, 0))?;
            let fused = (fused * &direction)?.sum_all()?.backward()?;
            let other = (other * &direction)?.sum_all()?.backward()?;
            let variables = weights.variables();
            for variable in variables.iter().map(|(_, var)| var).chain([&maps]) {
                let a = fused.get(variable).unwrap();
                // One step alone does not use the recurrent kernel.
                let b = match other.get(variable) {
                    Some(gradient) => gradient.clone(),
                    None => variable.zeros_like()?,
                };
                let tolerance = 1e-4 * largest(&b)?.max(0.1);
                assert!(largest_difference(a, &b)? < tolerance, "{shape:?} {a} {b}");
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_are_finite_differences() -> Result<()> {
    const STEP: f32 = 1e-2;
    let (layer, weights) = layer(2, 3, 3, RecurrentActivation::Sigmoid)?;
    let maps = Var::from_tensor(&random("x", &[2, 3, 2, 3, 2])?)?;
    let direction = random("g", &[2, 2, 3, 3])?;
    let mut variables = weights.variables();
    variables.push(("x".to_owned(), maps.clone()));
    let product = || layer.forward(&maps)? * &direction;
    // Summed in f64, so that a difference keeps its digits.
    let value = || -> Result<f64> {
        let numbers: Vec<f32> = product()?.flatten_all()?.to_vec1()?;
        Ok(numbers.into_iter().map(f64::from).sum())
    };
    let gradients = product()?.sum_all()?.backward()?;
    for (path, variable) in &variables {
        let gradient: Vec<f32> = gradients.get(variable).unwrap().flatten_all()?.to_vec1()?;
        let numbers: Vec<f32> = variable.flatten_all()?.to_vec1()?;
        for at in 0..numbers.len() {
            let moved = |by: f32| -> Result<f64> {
                let mut numbers = numbers.clone();
                numbers[at] += by;
                variable.set(&Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?)?;
                value()
            };
            let slope = (moved(STEP)? - moved(-STEP)?) / f64::from(2.0 * STEP);
            let far = (slope - f64::from(gradient[at])).abs();
            assert!(far < 1e-3 * slope.abs().max(1.0), "{path}[{at}]: {slope}");
        }
        variable.set(&Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?)?;
    }
    Ok(())
}

#[test]
fn stored_maps_get_no_gradient_and_a_graph_can_be_walked_twice() -> Result<()> {
    let (layer, weights) = layer(2, 3, 3, RecurrentActivation::Sigmoid)?;
    let maps = random("x", &[2, 3, 4, 4, 2])?;
    let loss = layer.forward(&maps)?.sum_all()?;
    let (first, second) = (loss.backward()?, loss.backward()?);
    assert!(first.get(&maps).is_none());
    for (_, variable) in weights.variables() {
        let (first, second) = (first.get(&variable), second.get(&variable));
        assert_eq!(largest_difference(first.unwrap(), second.unwrap())?, 0.0);
    }
    Ok(())
}

#[test]
fn maps_of_any_layout_are_read() -> Result<()> {
    let (layer, _) = layer(3, 4, 3, RecurrentActivation::Sigmoid)?;
    let maps = random("x", &[5, 4, 2, 3, 2])?.permute((4, 3, 2, 1, 0))?; // [2, 3, 2, 4, 5]
    let maps = maps.narrow(4, 1, 3)?;
    let out = layer.forward(&maps)?;
    let other = layer.forward(&maps.contiguous()?)?;
    assert_eq!(largest_difference(&out, &other)?, 0.0);
    Ok(())
}

#[test]
fn nan_comes_out_where_it_went_in() -> Result<()> {
    for activation in BOTH {
        let (layer, _) = layer(1, 3, 3, activation)?;
        let mut numbers = vec![0.5f32; 2 * 4 * 4];
        numbers[16] = f32::NAN; // the second sample's first pixel
        let maps = Tensor::from_vec(numbers, (2, 1, 4, 4, 1), &Device::Cpu)?;
        let out: Vec<f32> = layer.forward(&maps)?.flatten_all()?.to_vec1()?;
        let (clean, touched) = out.split_at(4 * 4 * 3);
        assert!(clean.iter().all(|x| x.is_finite()));
        let seen: Vec<bool> = touched.chunks(3).map(|pixel| pixel[0].is_nan()).collect();
        // Nowhere is it lost; the outputs of its tile that do not see it become NaN with those that do.
        let sees = |pixel: &usize| pixel / 4 < 2 && pixel % 4 < 2;
        assert!((0..16).filter(sees).all(|pixel| seen[pixel]));
    }
    Ok(())
}

#[test]
fn initial_weights_are_keras_s() -> Result<()> {
    let weights = Weights::drawn(3, &Device::Cpu);
    let layer = ConvLstm2d::new(5, 4, 3, RecurrentActivation::Sigmoid, &weights)?;
    let bound = (6.0 / (9.0 * (5.0 + 16.0)) as f32).sqrt();
    let size = largest(&layer.kernel)?;
    assert!(size <= bound && size > 0.95 * bound, "{size} of {bound}");
    let columns = layer.recurrent_kernel.reshape((36, 16))?;
    let products = columns.t()?.matmul(&columns)?;
    let one = Tensor::eye(16, candle_core::DType::F32, &Device::Cpu)?;
    assert!(largest_difference(&products, &one)? < 1e-5);
    let bias: Vec<f32> = layer.bias.to_vec1()?;
    assert_eq!(bias, [0.0, 1.0, 0.0, 0.0].map(|x| [x; 4]).concat());
    Ok(())
}

#[test]
fn wrong_shapes_are_errors() -> Result<()> {
    let (layer, _) = layer(2, 3, 3, RecurrentActivation::Sigmoid)?;
    let error = layer.forward(&random("x", &[1, 2, 3, 4, 5])?).unwrap_err();
    assert!(error.to_string().contains("[1, 2, 3, 4, 5]"), "{error}");
    assert!(layer.forward(&random("x", &[1, 0, 3, 4, 2])?).is_err());
    let weights = Weights::drawn(3, &Device::Cpu);
    assert!(ConvLstm2d::new(2, 3, 4, RecurrentActivation::Sigmoid, &weights).is_err());
    Ok(())
}

#[test]
fn a_clip_does_not_depend_on_those_beside_it() -> Result<()> {
    let weights = Weights::drawn(3, &Device::Cpu);
    let layer = ConvLstm2d::new(64, 32, 3, RecurrentActivation::Sigmoid, &weights)?;
    let maps = random("maps", &[25, 10, 4, 4, 64])?;
    let together = layer.forward(&maps)?;
    for clip in [0, 7, 8, 24] {
        let alone = layer.forward(&maps.narrow(0, clip, 1)?)?;
        let apart = largest_difference(&together.narrow(0, clip, 1)?, &alone)?;
        assert!(apart < 1e-6, "clip {clip}: {apart}");
    }
    let eight = layer.forward(&maps.narrow(0, 8, 8)?)?;
    let apart = largest_difference(&together.narrow(0, 8, 8)?, &eight)?;
    assert!(apart < 1e-6, "{apart}");
    Ok(())
}

#[test]
fn sizes_of_the_study_agree_too() -> Result<()> {
    let weights = Weights::drawn(5, &Device::Cpu);
    let layer = ConvLstm2d::new(2048, 32, 3, RecurrentActivation::Sigmoid, &weights)?;
    let maps = random("x", &[8, 10, 4, 4, 2048])?.relu()?;
    let (fused, other) = (layer.forward(&maps)?, composed(&layer, &maps)?);
    assert!(largest_difference(&fused, &other)? < 1e-4);
    let direction = random("g", &[8, 4, 4, 32])?;
    let fused = (fused * &direction)?.sum_all()?.backward()?;
    let other = (other * &direction)?.sum_all()?.backward()?;
    for (path, variable) in weights.variables() {
        let (a, b) = (fused.get(&variable).unwrap(), other.get(&variable).unwrap());
        let apart = largest_difference(a, b)? / largest(b)?;
        assert!(apart < 1e-3, "{path}: {apart}");
    }
    Ok(())
}
