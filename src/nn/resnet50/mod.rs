//! ResNet50 without its classifier, frozen: images → feature maps (He et al., 2016).
//!
//! Two variants: Keras's, which strides in the first 1x1 convolution of a stage and whose convolutions have biases, and
//! torchvision's, which strides in the 3x3 convolution. Batch normalization is folded into the convolutions when the weights
//! are read. A width below 64 makes the same network thinner, for weights that are drawn and not learned.

mod composed;
mod read;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use serde::{Deserialize, Serialize};

use super::convolution::{self, Convolution, Maps, Scratch, Then, max_pool};

pub use composed::Composed;

/// Bumped when the same weights and images would give other maps.
pub const VERSION: u32 = 1;

/// Blocks of each stage.
const BLOCKS: [usize; 4] = [3, 4, 6, 3];

/// Channels of the first convolution of the original.
pub const WIDTH: usize = 64;

/// An image's side shrinks by this factor.
pub const REDUCTION: usize = 32;

/// Whose ResNet50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// `keras.applications.ResNet50`: version 1 of the paper's network; tensors named `conv1/kernel`, `res2a_branch2a/kernel`.
    Keras,
    /// `torchvision.models.resnet50`, "version 1.5"; tensors named `conv1.weight`, `layer1.0.conv1.weight`, as those of timm and
    /// of candle-transformers.
    Torchvision,
}

/// The network.
#[derive(Debug, Clone)]
pub struct Resnet50 {
    width: usize,
    stem: Convolution,
    stages: Vec<Vec<Block>>,
}

/// Three convolutions beside a shortcut.
#[derive(Debug, Clone)]
struct Block {
    first: Convolution,
    second: Convolution,
    third: Convolution,
    shortcut: Option<Convolution>,
}

/// The convolutions of the network by their place: what [`read`] asks weights for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Stem,
    /// Stage from 0, block from 0, convolution from 0; number 3 is that of the shortcut.
    Block(usize, usize, usize),
}

/// Memory of a forward pass, kept from one to the next.
#[derive(Debug, Default)]
pub struct Workspace {
    scratch: Scratch,
    /// What the current block reads, and beside it what a shortcut makes of it.
    maps: Vec<f32>,
    next: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    /// What the early stages gave for each image.
    gathered: Vec<f32>,
}

impl Resnet50 {
    /// Builds the network from a source of convolutions; shapes are [size, stride, inputs, outputs].
    fn build<E>(
        variant: Variant,
        width: usize,
        mut convolution: impl FnMut(Place, [usize; 4]) -> Result<Convolution, E>,
    ) -> Result<Self, E> {
        let stem = convolution(Place::Stem, [7, 2, 3, width])?;
        let mut inputs = width;
        let mut stages = Vec::new();
        for (stage, &count) in BLOCKS.iter().enumerate() {
            let (inner, outputs) = (width << stage, (4 * width) << stage);
            let mut blocks = Vec::new();
            for block in 0..count {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let (first, second) = match variant {
                    Variant::Keras => (stride, 1),
                    Variant::Torchvision => (1, stride),
                };
                let mut at = |number, shape| convolution(Place::Block(stage, block, number), shape);
                blocks.push(Block {
                    first: at(0, [1, first, inputs, inner])?,
                    second: at(1, [3, second, inner, inner])?,
                    third: at(2, [1, 1, inner, outputs])?,
                    shortcut: match block {
                        0 => Some(at(3, [1, stride, inputs, outputs])?),
                        _ => None,
                    },
                });
                inputs = outputs;
            }
            stages.push(blocks);
        }
        Ok(Self { width, stem, stages })
    }

    /// Channels of the maps: 2048 at full width.
    pub fn channels(&self) -> usize {
        self.width * 32
    }

    /// images [image, height, width, 3] → maps [image, height / 32, width / 32, channel]. One thread computes; an image's maps
    /// do not depend on the images beside it.
    ///
    /// # Panics
    /// When there are not as many numbers as `maps` says.
    pub fn forward(&self, images: &[f32], maps: Maps, workspace: &mut Workspace) -> Vec<f32> {
        assert_eq!(images.len(), maps.positions() * 3);
        let mut gathered = std::mem::take(&mut workspace.gathered);
        gathered.clear();
        let one = Maps { images: 1, ..maps };
        let mut out = one;
        // The early maps are large and their weights few: an image at a time stays in the processor's cache. The late ones are
        // small and their weights many: all images at a time read each weight once.
        for image in images.chunks_exact(one.positions() * 3) {
            out = self.stem(image, one, workspace);
            for stage in &self.stages[..2] {
                out = stage_forward(stage, out, workspace);
            }
            gathered.extend_from_slice(&workspace.maps[..out.positions() * self.width * 8]);
        }
        workspace.gathered = std::mem::replace(&mut workspace.maps, gathered);
        out.images = maps.images;
        for stage in &self.stages[2..] {
            out = stage_forward(stage, out, workspace);
        }
        workspace.maps[..out.positions() * self.channels()].to_vec()
    }

    fn stem(&self, image: &[f32], maps: Maps, workspace: &mut Workspace) -> Maps {
        let Workspace {
            scratch,
            maps: output,
            next,
            ..
        } = workspace;
        self.stem.forward(image, maps, Then::Relu, next, scratch);
        max_pool(next, self.stem.output_maps(maps), self.width, output)
    }
}

fn stage_forward(blocks: &[Block], mut maps: Maps, workspace: &mut Workspace) -> Maps {
    for block in blocks {
        maps = block.forward(maps, workspace);
    }
    maps
}

impl Block {
    /// From `workspace.maps` to the same place.
    fn forward(&self, maps: Maps, workspace: &mut Workspace) -> Maps {
        let Workspace {
            scratch,
            maps: input,
            next,
            first,
            second,
            ..
        } = workspace;
        self.first.forward(input, maps, Then::Relu, first, scratch);
        let middle = self.first.output_maps(maps);
        self.second.forward(first, middle, Then::Relu, second, scratch);
        let out = self.second.output_maps(middle);
        // The third convolution is added to the shortcut, in place: no third map of the block's full size leaves the cache.
        if let Some(convolution) = &self.shortcut {
            convolution.forward(input, maps, Then::Linear, next, scratch);
            std::mem::swap(input, next);
        }
        self.third.forward(second, out, Then::AddRelu, input, scratch);
        out
    }
}

/// The layers of a ResNet50 as its summary lists them: name, output without the batch, numbers in its weights, and how many of
/// these are the moving statistics of batch normalization.
pub fn layers(variant: Variant, width: usize, [height, image_width]: [usize; 2]) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut maps = Maps {
        images: 1,
        height,
        width: image_width,
    };
    let halved = |maps: Maps, by: usize| Maps {
        height: maps.height.div_ceil(by),
        width: maps.width.div_ceil(by),
        ..maps
    };
    let bias = variant == Variant::Keras;
    let weights = |size: usize, inputs: usize, outputs: usize| {
        let convolution = size * size * inputs * outputs + if bias { outputs } else { 0 };
        [convolution + 4 * outputs, 2 * outputs]
    };
    let mut push = |name: String, kind, maps: Maps, channels, [numbers, statistics]: [usize; 2]| {
        layers.push(Layer {
            name,
            kind,
            output: vec![maps.height, maps.width, channels],
            numbers,
            statistics,
        });
    };
    maps = halved(maps, 2);
    push(
        "conv1".to_owned(),
        "Conv2D 7x7 + BatchNormalization",
        maps,
        width,
        weights(7, 3, width),
    );
    maps = halved(maps, 2);
    push("pool1".to_owned(), "MaxPooling2D 3x3", maps, width, [0, 0]);
    let mut inputs = width;
    for (stage, &count) in BLOCKS.iter().enumerate() {
        let (inner, outputs) = (width << stage, (4 * width) << stage);
        maps = halved(maps, if stage > 0 { 2 } else { 1 });
        for block in 0..count {
            let mut sum = [0; 2];
            let mut add = |[numbers, statistics]: [usize; 2]| {
                sum[0] += numbers;
                sum[1] += statistics;
            };
            add(weights(1, inputs, inner));
            add(weights(3, inner, inner));
            add(weights(1, inner, outputs));
            if block == 0 {
                add(weights(1, inputs, outputs));
            }
            let name = format!("conv{}_block{}", stage + 2, block + 1);
            push(name, "Residual block", maps, outputs, sum);
            inputs = outputs;
        }
    }
    layers
}

/// One layer of [`layers`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// As Keras names it.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// [height, width, channel]
    pub output: Vec<usize>,
    /// Numbers in its weights, statistics included.
    pub numbers: usize,
    /// Moving means and variances among them.
    pub statistics: usize,
}

/// The parts of the code that decide the maps, with their versions.
pub const VERSIONS: [(&str, u32); 2] = [("nn.convolution", convolution::VERSION), ("nn.resnet50", VERSION)];
