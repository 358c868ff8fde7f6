//! `[backbone]`: the frozen network that turns images into feature maps, and its weights.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::nn::resnet50::{self, Resnet50, Variant};
use crate::number;

/// `weights = "random"`: drawn from a seed.
pub const RANDOM: &str = "random";

/// Names of weights that can be fetched; any other word is a file.
pub const NAMED: &[&str] = &["resnet50-keras"];

/// The kinds of `[backbone]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BackboneSpec {
    /// A ResNet50 without its classifier.
    Resnet50(Resnet50Spec),
}

/// `kind = "resnet50"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resnet50Spec {
    /// Whose network.
    #[serde(default = "keras")]
    pub variant: Variant,
    /// A name that `runner fetch` knows, a safetensors file below the data folder, or `random`.
    pub weights: String,
    /// Maps are averaged over squares of that side: 2 makes 4x4 of 8x8.
    #[serde(
        default = "one",
        deserialize_with = "number::from_one::<_, { number::MOST_SIDE }>"
    )]
    pub pool: usize,
    /// Channels of the first convolution; other than 64 only with random weights.
    #[serde(
        default = "full_width",
        deserialize_with = "number::from_one::<_, { number::MOST_SIDE }>"
    )]
    pub width: usize,
    /// Where random weights come from; other than 0 only with them.
    #[serde(default)]
    pub seed: u64,
}

fn keras() -> Variant {
    Variant::Keras
}

fn one() -> usize {
    1
}

fn full_width() -> usize {
    resnet50::WIDTH
}

/// The weights of a backbone are not here; a cell that needs them waits for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightsMissing {
    /// As the experiment names them.
    pub name: String,
    /// Where they were looked for.
    pub path: PathBuf,
}

impl std::fmt::Display for WeightsMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        write!(f, "weights missing: there is no {path}\n  help: ")?;
        if NAMED.contains(&self.name.as_str()) {
            write!(f, "`runner fetch {}` brings them", self.name)
        } else {
            write!(
                f,
                "put the file there, name another folder with `--data`, or use weights = \"{}\"",
                NAMED[0]
            )
        }
    }
}

impl std::error::Error for WeightsMissing {}

/// Folders that a backbone's weights and maps lie in.
#[derive(Debug, Clone)]
pub struct Folders {
    /// What data files are relative to.
    pub data: PathBuf,
    /// What `runner fetch` has brought.
    pub fetched: PathBuf,
    /// Feature maps.
    pub features: PathBuf,
}

impl BackboneSpec {
    /// The kinds that a file may name.
    pub const KINDS: &[&str] = &["resnet50"];

    fn resnet50(&self) -> &Resnet50Spec {
        let Self::Resnet50(spec) = self;
        spec
    }

    /// What is wrong with the settings themselves; the message names the one to change.
    ///
    /// # Errors
    /// When settings do not fit each other.
    pub fn check(&self) -> Result<()> {
        let spec = self.resnet50();
        if spec.weights == RANDOM {
            if !spec.width.is_multiple_of(8) || spec.width > resnet50::WIDTH {
                bail!("`width` must be a multiple of 8 up to 64");
            }
            return Ok(());
        }
        if spec.width != resnet50::WIDTH {
            bail!(
                "`width` is 64 for weights that were learned; weights = \"random\" takes another"
            );
        }
        if spec.seed != 0 {
            bail!(
                "`seed` draws random weights: it does not fit weights = {:?}",
                spec.weights
            );
        }
        let is_file = spec.weights.ends_with(".safetensors");
        if !is_file && !NAMED.contains(&spec.weights.as_str()) {
            bail!(
                "`weights` are {}, \"random\", or a file that ends in .safetensors",
                NAMED.join(", ")
            );
        }
        Ok(())
    }

    /// Shape of the maps of one clip, pooled: images of [time, height, width, 3] → [time, height / 32 / pool, …, channel].
    ///
    /// # Errors
    /// When the maps cannot be cut into whole squares.
    pub fn output_shape(&self, images: [usize; 4]) -> Result<[usize; 4]> {
        let spec = self.resnet50();
        let [time, height, width, channels] = self.unpooled_shape(images);
        if !height.is_multiple_of(spec.pool) || !width.is_multiple_of(spec.pool) {
            bail!(
                "`pool` = {} does not divide the maps of {height}x{width}",
                spec.pool
            );
        }
        Ok([time, height / spec.pool, width / spec.pool, channels])
    }

    /// The same without pooling.
    pub(super) fn unpooled_shape(&self, [time, height, width, _]: [usize; 4]) -> [usize; 4] {
        let side = |side: usize| side.div_ceil(resnet50::REDUCTION);
        [time, side(height), side(width), self.resnet50().width * 32]
    }

    /// Side of the squares that are averaged.
    pub fn pool(&self) -> usize {
        self.resnet50().pool
    }

    /// The same without pooling: what the maps on disk depend on, the weights' name left out.
    pub(super) fn unpooled(&self) -> Resnet50Spec {
        Resnet50Spec {
            weights: String::new(),
            pool: 1,
            ..self.resnet50().clone()
        }
    }

    /// A digest of the weights' bytes. Weights that are not here are a [`WeightsMissing`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn digest(&self, folders: &Folders) -> Result<String> {
        let Some(path) = self.file(folders)? else {
            return Ok(RANDOM.to_owned());
        };
        let mut hasher = blake3::Hasher::new();
        std::fs::File::open(&path)
            .and_then(|file| {
                std::io::copy(
                    &mut std::io::BufReader::with_capacity(1 << 17, file),
                    &mut hasher,
                )
            })
            .with_context(|| format!("failed to read {}", path.display()))?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// When the weights are not here, or are not those of such a network.
    pub fn network(&self, folders: &Folders) -> Result<Resnet50> {
        let spec = self.resnet50();
        match self.file(folders)? {
            Some(path) => Resnet50::read(&path, spec.variant),
            None => Ok(Resnet50::drawn(spec.variant, spec.width, spec.seed)),
        }
    }

    /// The file of the weights, where there is one.
    fn file(&self, folders: &Folders) -> Result<Option<PathBuf>> {
        let name = &self.resnet50().weights;
        let path = if name == RANDOM {
            return Ok(None);
        } else if NAMED.contains(&name.as_str()) {
            folders.fetched.join(format!("{name}.safetensors"))
        } else {
            folders.data.join(name)
        };
        if !path.is_file() {
            let name = name.clone();
            return Err(WeightsMissing { name, path }.into());
        }
        Ok(Some(path))
    }

    /// The layers of the network for images of [time, height, width, 3], as its summary lists them.
    pub fn layers(&self, [_, height, width, _]: [usize; 4]) -> Vec<resnet50::Layer> {
        let spec = self.resnet50();
        resnet50::layers(spec.variant, spec.width, [height, width])
    }
}
