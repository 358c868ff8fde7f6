//! The same network composed of candle's operations, for devices other than the CPU.

#![expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]

use candle_core::{Device, Result, Tensor};

use super::{Block, Maps, Resnet50};
use crate::nn::convolution::Convolution;

/// A ResNet50 whose weights lie on a device.
#[derive(Debug)]
pub struct Composed {
    stem: Layer,
    stages: Vec<Vec<[Option<Layer>; 4]>>,
}

#[derive(Debug)]
struct Layer {
    /// [output, input, row, column]
    kernel: Tensor,
    /// [1, output, 1, 1]
    bias: Tensor,
    padding: usize,
    stride: usize,
}

impl Layer {
    fn new(convolution: &Convolution, device: &Device) -> Result<Self> {
        let (kernel, [size, stride, inputs, outputs]) = convolution.kernel();
        let kernel = Tensor::from_slice(kernel, (size, size, inputs, outputs), device)?
            .permute((3, 2, 0, 1))?
            .contiguous()?;
        let bias = Tensor::from_slice(convolution.bias(), (1, outputs, 1, 1), device)?;
        Ok(Self {
            kernel,
            bias,
            padding: size / 2,
            stride,
        })
    }

    fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        inputs
            .conv2d(&self.kernel, self.padding, self.stride, 1, 1)?
            .broadcast_add(&self.bias)
    }
}

impl Composed {
    /// The network on that device.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn new(network: &Resnet50, device: &Device) -> Result<Self> {
        let layer = |convolution: &Convolution| Layer::new(convolution, device);
        let block = |block: &Block| {
            Ok([
                Some(layer(&block.first)?),
                Some(layer(&block.second)?),
                Some(layer(&block.third)?),
                block.shortcut.as_ref().map(layer).transpose()?,
            ])
        };
        Ok(Self {
            stem: layer(&network.stem)?,
            stages: network
                .stages
                .iter()
                .map(|stage| stage.iter().map(block).collect())
                .collect::<Result<_>>()?,
        })
    }

    /// As [`Resnet50::forward`].
    ///
    /// # Errors
    /// When the sizes do not fit or the device refuses.
    pub fn forward(&self, images: &[f32], maps: Maps) -> Result<Vec<f32>> {
        let shape = (maps.images, maps.height, maps.width, 3);
        let device = self.stem.bias.device();
        let images = Tensor::from_slice(images, shape, device)?.permute((0, 3, 1, 2))?;
        let stem = self.stem.forward(&images.contiguous()?)?.relu()?;
        // After the activation nothing is below 0, so zeros around change no maximum.
        let padded = stem.pad_with_zeros(2, 1, 1)?.pad_with_zeros(3, 1, 1)?;
        let mut maps = padded.max_pool2d_with_stride(3, 2)?;
        for [first, second, third, shortcut] in self.stages.iter().flatten() {
            let through = |layer: &Option<Layer>, maps: &Tensor| match layer {
                Some(layer) => layer.forward(maps),
                None => Ok(maps.clone()),
            };
            let inner = through(first, &maps)?.relu()?;
            let inner = through(second, &inner)?.relu()?;
            maps = (through(third, &inner)? + through(shortcut, &maps)?)?.relu()?;
        }
        maps.permute((0, 2, 3, 1))?.flatten_all()?.to_vec1()
    }
}
