//! Weights → network: safetensors files of Keras's or torchvision's names, or numbers drawn from a seed; batch normalization
//! folded in.

use anyhow::{Context, Result, bail};
use candle_core::DType;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use super::{Convolution, Place, Resnet50, Variant};
use crate::rng;

impl Resnet50 {
    /// The network with the weights of a safetensors file's bytes at full width. The epsilon of batch normalization is that of the file's
    /// metadata (`epsilon`), else the variant's: 1.001e-5 for Keras, 1e-5 for torchvision.
    ///
    /// # Errors
    /// When they are no such file, a tensor is missing or has another shape (the message names both), or holds what is not a
    /// finite number.
    pub fn read(bytes: &[u8], variant: Variant) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let epsilon = match header.metadata().as_ref().and_then(|map| map.get("epsilon")) {
            Some(text) => text
                .parse()
                .with_context(|| format!("the metadata's epsilon {text:?} is no number"))?,
            None => match variant {
                Variant::Keras => 1.001e-5,
                Variant::Torchvision => 1e-5,
            },
        };
        let tensors = File {
            tensors: SafeTensors::deserialize(bytes)?,
            variant,
        };
        Self::build(variant, super::WIDTH, |place, shape| {
            tensors.convolution(place, shape, epsilon)
        })
    }

    /// A network of that width whose weights are drawn from `seed`: He's initial weights, no bias, unit statistics.
    pub fn drawn(variant: Variant, width: usize, seed: u64) -> Self {
        let built = Self::build(variant, width, |place, shape| {
            let [size, _, inputs, outputs] = shape;
            let deviation = (2.0 / (size * size * inputs) as f64).sqrt();
            let (purpose, index) = match place {
                Place::Stem => ("backbone/stem", 0),
                Place::Block(stage, block, number) => ("backbone/block", (stage * 100 + block * 10 + number) as u64),
            };
            let mut stream = rng::stream(seed, purpose, 0, index);
            let count = size * size * inputs * outputs;
            // The last convolution of a block adds little, so that maps do not grow with the depth.
            let deviation = match place {
                Place::Block(_, _, 2) => deviation * 0.25,
                _ => deviation,
            };
            let kernel = (0..count).map(|_| (stream.normal() * deviation) as f32);
            Ok::<_, std::convert::Infallible>(Convolution::new(kernel.collect(), vec![0.0; outputs], shape))
        });
        match built {
            Ok(network) => network,
            Err(never) => match never {},
        }
    }
}

/// A convolution's tensors as a file names them.
struct Names {
    kernel: String,
    bias: Option<String>,
    /// gamma, beta, moving mean, moving variance
    normalization: [String; 4],
}

fn keras_names(place: Place) -> Names {
    let (convolution, normalization) = match place {
        Place::Stem => ("conv1".to_owned(), "bn_conv1".to_owned()),
        Place::Block(stage, block, number) => {
            let branch = ["branch2a", "branch2b", "branch2c", "branch1"][number];
            let name = format!("{}{}_{branch}", stage + 2, char::from(b'a' + block as u8));
            (format!("res{name}"), format!("bn{name}"))
        }
    };
    Names {
        kernel: format!("{convolution}/kernel"),
        bias: Some(format!("{convolution}/bias")),
        normalization: ["gamma", "beta", "moving_mean", "moving_variance"].map(|part| format!("{normalization}/{part}")),
    }
}

fn torchvision_names(place: Place) -> Names {
    let (convolution, normalization) = match place {
        Place::Stem => ("conv1".to_owned(), "bn1".to_owned()),
        Place::Block(stage, block, number) => {
            let block = format!("layer{}.{block}", stage + 1);
            match number {
                3 => (format!("{block}.downsample.0"), format!("{block}.downsample.1")),
                _ => (format!("{block}.conv{}", number + 1), format!("{block}.bn{}", number + 1)),
            }
        }
    };
    Names {
        kernel: format!("{convolution}.weight"),
        bias: None,
        normalization: ["weight", "bias", "running_mean", "running_var"].map(|part| format!("{normalization}.{part}")),
    }
}

struct File<'a> {
    tensors: SafeTensors<'a>,
    variant: Variant,
}

impl File<'_> {
    /// The convolution at a place, batch normalization folded in: y = γ (k·x + b - μ) / √(σ² + ε) + β.
    fn convolution(&self, place: Place, shape: [usize; 4], epsilon: f64) -> Result<Convolution> {
        let [size, _, inputs, outputs] = shape;
        let names = match self.variant {
            Variant::Keras => keras_names(place),
            Variant::Torchvision => torchvision_names(place),
        };
        let kernel = match self.variant {
            Variant::Keras => self.numbers(&names.kernel, &[size, size, inputs, outputs])?,
            Variant::Torchvision => transposed(
                &self.numbers(&names.kernel, &[outputs, inputs, size, size])?,
                outputs,
                inputs,
                size * size,
            ),
        };
        let bias = match &names.bias {
            Some(name) => self.numbers(name, &[outputs])?,
            None => vec![0.0; outputs],
        };
        let [gamma, beta, mean, variance] = names.normalization;
        let gamma = self.numbers(&gamma, &[outputs])?;
        let beta = self.numbers(&beta, &[outputs])?;
        let mean = self.numbers(&mean, &[outputs])?;
        let variance = self.numbers(&variance, &[outputs])?;
        let scale: Vec<f64> = gamma
            .iter()
            .zip(&variance)
            .map(|(gamma, variance)| f64::from(*gamma) / (f64::from(*variance) + epsilon).sqrt())
            .collect();
        let folded = |row: &[f32]| -> Vec<f32> {
            let scaled = row.iter().zip(&scale);
            scaled.map(|(weight, scale)| (f64::from(*weight) * scale) as f32).collect()
        };
        let kernel: Vec<f32> = kernel.chunks_exact(outputs).flat_map(folded).collect();
        let bias = (0..outputs)
            .map(|output| {
                let centred = f64::from(bias[output]) - f64::from(mean[output]);
                (centred * scale[output] + f64::from(beta[output])) as f32
            })
            .collect();
        Ok(Convolution::new(kernel, bias, shape))
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let Ok(tensor) = self.tensors.tensor(name) else {
            let other = match self.variant {
                Variant::Keras => "torchvision",
                Variant::Torchvision => "keras",
            };
            bail!("there is no tensor {name:?}; weights of the other naming need variant = {other:?}");
        };
        if tensor.shape() != shape {
            bail!("the tensor {name:?} has shape {:?} and not {shape:?}", tensor.shape());
        }
        let numbers = as_f32(&tensor).with_context(|| format!("the tensor {name:?}"))?;
        // One of them would make every map of it a number too, by the activation that takes it for 0.
        if let Some(index) = numbers.iter().position(|number| !number.is_finite()) {
            bail!(
                "the tensor {name:?} holds {} at place {index}, which is no finite number",
                numbers[index]
            );
        }
        Ok(numbers)
    }
}

fn as_f32(tensor: &TensorView<'_>) -> Result<Vec<f32>> {
    use half::{bf16, f16};
    let bytes = tensor.data();
    let pairs = || bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    Ok(match DType::try_from(tensor.dtype())? {
        DType::F32 => bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect(),
        DType::F16 => pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
        DType::BF16 => pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect(),
        other => bail!("numbers of type {other:?} are not read; save them as f32, f16 or bf16"),
    })
}

/// [outputs, inputs, tap] → [tap, inputs, outputs]
fn transposed(kernel: &[f32], outputs: usize, inputs: usize, taps: usize) -> Vec<f32> {
    let mut lying = Vec::with_capacity(kernel.len());
    for tap in 0..taps {
        for input in 0..inputs {
            lying.extend((0..outputs).map(|output| kernel[(output * inputs + input) * taps + tap]));
        }
    }
    lying
}
