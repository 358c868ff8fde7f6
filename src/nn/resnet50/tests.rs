//! The network against candle-transformers', against Keras's numbers, and against itself.

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::{Device, Module, Tensor};
use candle_nn::VarBuilder;

use super::*;
use crate::rng;

fn images(maps: Maps) -> Vec<f32> {
    let mut stream = rng::stream(1, "images", 0, 0);
    (0..maps.positions() * 3).map(|_| stream.normal() as f32).collect()
}

const SMALL: Maps = Maps {
    images: 2,
    height: 64,
    width: 96,
};

fn apart(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let norm = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b)));
    difference / norm(&mut b.iter().map(|b| f64::from(*b)))
}

#[test]
fn the_composed_network_gives_the_same_maps() {
    for variant in [Variant::Keras, Variant::Torchvision] {
        let network = Resnet50::drawn(variant, 8, 3);
        let maps = network.forward(&images(SMALL), SMALL, &mut Workspace::default());
        assert_eq!(maps.len(), 2 * 2 * 3 * 256);
        let composed = Composed::new(&network, &Device::Cpu).unwrap();
        let composed = composed.forward(&images(SMALL), SMALL).unwrap();
        assert!(maps.iter().any(|x| *x > 0.0));
        assert!(apart(&maps, &composed) < 1e-4, "{}", apart(&maps, &composed));
    }
}

#[test]
fn an_image_does_not_depend_on_those_beside_it() {
    let network = Resnet50::drawn(Variant::Keras, 16, 3);
    let images = images(SMALL);
    let mut workspace = Workspace::default();
    let both = network.forward(&images, SMALL, &mut workspace);
    let one = Maps { images: 1, ..SMALL };
    let second = network.forward(&images[images.len() / 2..], one, &mut workspace);
    assert_eq!(both[both.len() / 2..], second);
}

/// Weights of torchvision's names, drawn, for candle-transformers and for us.
fn drawn_torchvision() -> HashMap<String, Tensor> {
    let mut tensors = HashMap::new();
    let mut number = 0;
    let built: Result<Resnet50, ()> = Resnet50::build(Variant::Torchvision, WIDTH, |place, shape| {
        let [size, _, inputs, outputs] = shape;
        let (convolution, normalization) = match place {
            Place::Stem => ("conv1".to_owned(), "bn1".to_owned()),
            Place::Block(stage, block, 3) => {
                let path = format!("layer{}.{block}.downsample", stage + 1);
                (format!("{path}.0"), format!("{path}.1"))
            }
            Place::Block(stage, block, number) => {
                let path = format!("layer{}.{block}", stage + 1);
                (format!("{path}.conv{}", number + 1), format!("{path}.bn{}", number + 1))
            }
        };
        let mut add = |name: String, shape: &[usize], centre: f64, deviation: f64| {
            number += 1;
            let mut stream = rng::stream(number, "weights", 0, 0);
            let numbers: Vec<f32> = (0..shape.iter().product::<usize>())
                .map(|_| (centre + deviation * (stream.uniform() - 0.5)) as f32)
                .collect();
            let tensor = Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap();
            tensors.insert(name, tensor);
        };
        let spread = (6.0 / (size * size * inputs) as f64).sqrt();
        add(format!("{convolution}.weight"), &[outputs, inputs, size, size], 0.0, spread);
        for (part, centre) in [("weight", 0.8), ("bias", 0.1), ("running_mean", 0.0), ("running_var", 1.0)] {
            add(format!("{normalization}.{part}"), &[outputs], centre, 0.4);
        }
        Ok(Convolution::new(
            vec![0.0; size * size * inputs * outputs],
            vec![0.0; outputs],
            shape,
        ))
    });
    assert!(built.is_ok());
    tensors
}

#[test]
fn torchvisions_variant_is_that_of_candle_transformers() {
    let tensors = drawn_torchvision();
    let ours = Resnet50::read(&saved(&tensors), Variant::Torchvision).unwrap();
    let maps = Maps {
        images: 1,
        height: 64,
        width: 64,
    };
    let images = images(maps);
    let features = ours.forward(&images, maps, &mut Workspace::default());
    // Theirs ends in the mean over space.
    let pooled: Vec<f32> = (0..2048)
        .map(|channel| features.iter().skip(channel).step_by(2048).sum::<f32>() / 4.0)
        .collect();
    let weights = VarBuilder::from_tensors(tensors, candle_core::DType::F32, &Device::Cpu);
    let theirs = candle_transformers::models::resnet::resnet50_no_final_layer(weights).unwrap();
    let input = Tensor::from_vec(images, (1, 64, 64, 3), &Device::Cpu)
        .and_then(|images| images.permute((0, 3, 1, 2))?.contiguous())
        .unwrap();
    let theirs = theirs.forward(&input).unwrap().flatten_all().unwrap();
    let theirs: Vec<f32> = theirs.to_vec1().unwrap();
    assert!(apart(&pooled, &theirs) < 1e-4, "{}", apart(&pooled, &theirs));
}

#[test]
fn wrong_weights_are_refused_by_name() {
    let mut tensors = drawn_torchvision();
    let error_of =
        |tensors: &HashMap<String, Tensor>, variant| format!("{:#}", Resnet50::read(&saved(tensors), variant).unwrap_err());
    let error = error_of(&tensors, Variant::Keras);
    assert!(
        error.contains("no tensor \"conv1/kernel\"") && error.contains("torchvision"),
        "{error}"
    );
    let wrong = Tensor::zeros(7, candle_core::DType::F32, &Device::Cpu).unwrap();
    tensors.insert("layer2.1.bn2.running_var".to_owned(), wrong);
    let error = error_of(&tensors, Variant::Torchvision);
    assert!(error.contains("\"layer2.1.bn2.running_var\" has shape [7]"), "{error}");
    assert!(Resnet50::read(b"no tensors", Variant::Keras).is_err());
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let mut tensors = drawn_torchvision();
    let stem = tensors["conv1.weight"].clone();
    tensors.insert("conv1.weight".to_owned(), (stem * f64::NAN).unwrap());
    let error = Resnet50::read(&saved(&tensors), Variant::Torchvision).unwrap_err();
    assert!(
        format!("{error:#}").contains("\"conv1.weight\" holds NaN at place 0"),
        "{error:#}"
    );
}

fn saved(tensors: &HashMap<String, Tensor>) -> Vec<u8> {
    safetensors::serialize(tensors, None).unwrap()
}

#[test]
fn the_layers_hold_as_many_numbers_as_keras_prints() {
    let layers = layers(Variant::Keras, WIDTH, [256, 256]);
    assert_eq!(layers.iter().map(|layer| layer.numbers).sum::<usize>(), 23_587_712);
    assert_eq!(layers.iter().map(|layer| layer.statistics).sum::<usize>(), 53_120);
    assert_eq!(layers.last().unwrap().output, [8, 8, 2048]);
    // torchvision's: 25,557,032 with the classifier's 2,049,000, and its statistics are no parameters.
    let layers = super::layers(Variant::Torchvision, WIDTH, [224, 224]);
    let learned: usize = layers.iter().map(|layer| layer.numbers - layer.statistics).sum();
    assert_eq!(learned, 25_557_032 - 2_049_000);
}

/// The pretrained weights and the numbers that another program computed with them: neither is part of the repository.
#[test]
fn golden_pooled_features() {
    let weights =
        std::env::var_os("RUNNER_CACHE").map(|cache| PathBuf::from(cache).join("fetched/resnet50-keras.safetensors"));
    let golden = std::env::var_os("RUNNER_DATA").map(|data| PathBuf::from(data).join("weights/golden_pooled_features.json"));
    let (Some(weights), Some(golden)) = (weights, golden) else {
        eprintln!(
            "skipped: RUNNER_CACHE names the cache that `runner fetch resnet50-keras` brought weights into, RUNNER_DATA the \
             folder that holds weights/golden_pooled_features.json"
        );
        return;
    };
    let golden: serde_json::Value = serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
    let bytes = std::fs::read(weights).unwrap();
    let network = Resnet50::read(&bytes, Variant::Keras).unwrap();
    let expected: Vec<f32> = serde_json::from_value(golden["pooled_fp32_weights"].clone()).unwrap();
    // The picture that the file describes; blue, green, red, minus the means of ImageNet.
    let side: usize = 224;
    let mut input = Vec::new();
    for (h, w) in (0..side).flat_map(|h| (0..side).map(move |w| (h, w))) {
        for (c, mean) in [(2, 103.939), (1, 116.779), (0, 123.68)] {
            input.push(((7 * h + 13 * w + 31 * c + (h * w) / 17) % 256) as f32 - mean);
        }
    }
    let maps = Maps {
        images: 1,
        height: side,
        width: side,
    };
    let features = network.forward(&input, maps, &mut Workspace::default());
    let positions = features.len() / 2048;
    let pooled: Vec<f32> = (0..2048)
        .map(|channel| features.iter().skip(channel).step_by(2048).sum::<f32>() / positions as f32)
        .collect();
    assert!(apart(&pooled, &expected) < 1e-3, "{}", apart(&pooled, &expected));
}
