//! `[backbone]`: the frozen network that turns images into feature maps, and its weights.

use std::fmt::Debug;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Deserializer, Serialize};

use crate::console::joined;
use crate::data::blame::Blame;
use crate::data::slot::{Sees, Slot, SlotSettings};
use crate::data::{Folders, missing};
use crate::files;
use crate::kind::Kinds;
use crate::nn::resnet50::{self, Resnet50, Variant};
use crate::number;

/// `weights = "random"`: drawn from a seed.
pub const RANDOM: &str = "random";

/// Names of weights that can be fetched, with the BLAKE3 of their files; any other word is a file.
pub const NAMED: &[(&str, &str)] = &[(
    "resnet50-keras",
    "0496fef225a791c70d8f4769b2b76032f1a0bf574ca633b28c35024ae4edae79",
)];

/// The names of weights that can be fetched.
pub fn named() -> Vec<&'static str> {
    NAMED.iter().map(|(name, _)| *name).collect()
}

/// The BLAKE3 of fetched weights; none for a name of another kind.
fn fetched_digest(name: &str) -> Option<&'static str> {
    let found = NAMED.iter().find(|(known, _)| *known == name);
    found.map(|(_, digest)| *digest)
}

crate::kinds! {
    /// The kinds of `[backbone]`: a frozen network without its classifier.
    pub enum BackboneSpec: Debug {
        "resnet50" | "resnet resnet_50 resnet50_keras" => Resnet50(Resnet50Spec),
    }
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
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_SIDE }>")]
    pub pool: usize,
    /// Channels of the first convolution; other than 64 only with random weights.
    #[serde(default = "full_width", deserialize_with = "number::from_one::<_, { number::MOST_SIDE }>")]
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
    /// What is there under nearly that name.
    pub meant: Option<PathBuf>,
}

impl std::fmt::Display for WeightsMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        write!(f, "weights missing: there is no {path}\n  help: ")?;
        if fetched_digest(&self.name).is_some() {
            write!(f, "`runner fetch {}` brings them", self.name)
        } else {
            write!(
                f,
                "{}put the file there, name another folder with `--data`, or use weights = \"{}\"",
                missing::did_you_mean(self.meant.as_deref()),
                NAMED[0].0
            )
        }
    }
}

impl std::error::Error for WeightsMissing {}

impl SlotSettings for BackboneSpec {
    const SLOT: Slot = Slot {
        table: "backbone",
        synonyms: "encoder feature_extractor features_extractor",
        kinds: Self::synonyms,
        needed_by: Sees::Inputs,
        is_optional: false,
        baselines_validate: false,
        unread_by_baselines: &[],
        idle: |backbone| Self::deserialize(backbone).map_or(&[], |spec| spec.idle()),
        unkeyed: &["weights"], // for which their bytes stand
        help: || {
            let kinds: Vec<String> = Self::kinds().iter().map(|kind| format!("\"{kind}\"")).collect();
            format!("add [backbone] with kind = {} and weights", joined(&kinds, "or"))
        },
    };

    fn read<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error> {
        Self::of_kind(kind, settings)
    }

    fn check(&self) -> Result<(), Blame> {
        let spec = self.resnet50();
        if spec.weights == RANDOM {
            if !spec.width.is_multiple_of(8) || spec.width > resnet50::WIDTH {
                return Err(Blame::at("width", "`width` must be a multiple of 8 up to 64"));
            }
            return Ok(());
        }
        if spec.width != resnet50::WIDTH {
            return Err(Blame::at(
                "width",
                "`width` is 64 for weights that were learned; weights = \"random\" takes another",
            ));
        }
        if spec.seed != 0 {
            let message = format!("`seed` draws random weights: it does not fit weights = {:?}", spec.weights);
            return Err(Blame::at("seed", message));
        }
        let is_file = spec.weights.ends_with(".safetensors");
        if !is_file && fetched_digest(&spec.weights).is_none() {
            let message = format!(
                "`weights` are {}, \"random\", or a file that ends in .safetensors",
                named().join(", ")
            );
            return Err(Blame::at("weights", message));
        }
        Ok(())
    }
}

impl BackboneSpec {
    fn resnet50(&self) -> &Resnet50Spec {
        let Self::Resnet50(spec) = self;
        spec
    }

    /// The settings that change nothing: those of random weights where there are others.
    fn idle(&self) -> &'static [&'static str] {
        match self.resnet50().weights == RANDOM {
            true => &[],
            false => &["seed", "width"],
        }
    }

    /// Shape of the maps of one clip, pooled: images of [time, height, width, 3] → [time, height / 32 / pool, …, channel].
    ///
    /// # Errors
    /// When the maps cannot be cut into whole squares.
    pub fn output_shape(&self, images: [usize; 4]) -> Result<[usize; 4], Blame> {
        let spec = self.resnet50();
        let [time, height, width, channels] = self.unpooled_shape(images);
        if !height.is_multiple_of(spec.pool) || !width.is_multiple_of(spec.pool) {
            return Err(Blame {
                table: "backbone",
                help: Some("their side is that of the images (`resize`) divided by 32"),
                ..Blame::at(
                    "pool",
                    format!("`pool` = {} does not divide the maps of {height}x{width}", spec.pool),
                )
            });
        }
        Ok([time, height / spec.pool, width / spec.pool, channels])
    }

    /// The same without pooling.
    pub(in crate::data::clips) fn unpooled_shape(&self, [time, height, width, _]: [usize; 4]) -> [usize; 4] {
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
    /// When they cannot be read, or are not those that `runner fetch` has brought.
    pub fn digest(&self, folders: &Folders) -> Result<String> {
        let Some((mut file, path)) = self.file(folders)? else {
            return Ok(RANDOM.to_owned());
        };
        let mut hasher = blake3::Hasher::new();
        let mut block = vec![0; 1 << 17];
        loop {
            let length = file
                .read(&mut block)
                .with_context(|| format!("failed to read {}", path.display()))?;
            if length == 0 {
                break;
            }
            hasher.update(&block[..length]);
        }
        let digest = hasher.finalize().to_hex().to_string();
        let name = &self.resnet50().weights;
        if fetched_digest(name).is_some_and(|known| known != digest) {
            bail!(
                "{} is damaged: it is not what `runner fetch` writes\n  help: `runner fetch {name}` brings the weights again",
                path.display()
            );
        }
        Ok(digest)
    }

    /// The network with its weights, whose file must still have that digest.
    ///
    /// # Errors
    /// When the weights are not here, are others by now, or are not those of such a network.
    pub fn network(&self, folders: &Folders, digest: &str) -> Result<Resnet50> {
        let spec = self.resnet50();
        let Some((file, path)) = self.file(folders)? else {
            return Ok(Resnet50::drawn(spec.variant, spec.width, spec.seed));
        };
        let mut bytes = Vec::new();
        file.take(files::MOST_WEIGHTS)
            .read_to_end(&mut bytes)
            .with_context(|| format!("failed to read {}", path.display()))?;
        if blake3::hash(&bytes).to_hex().as_str() != digest {
            bail!("{} has changed since the cells were planned; sweep again", path.display());
        }
        Resnet50::read(&bytes, spec.variant).with_context(|| format!("{} does not hold a ResNet50", path.display()))
    }

    /// Where the weights lie, here or not; nowhere where they are drawn.
    ///
    /// # Errors
    /// When their name is none of a file.
    pub fn path(&self, folders: &Folders) -> Result<Option<PathBuf>> {
        let name = &self.resnet50().weights;
        Ok(match fetched_digest(name) {
            _ if name == RANDOM => None,
            Some(_) => Some(folders.fetched(name)?.into()),
            None => Some(folders.data.join(name)),
        })
    }

    /// The file of the weights with its path, where there is one.
    fn file(&self, folders: &Folders) -> Result<Option<(File, PathBuf)>> {
        let name = &self.resnet50().weights;
        let (path, opened) = if name == RANDOM {
            return Ok(None);
        } else if fetched_digest(name).is_some() {
            let place = folders.fetched(name)?;
            (place.path().to_owned(), place.open(files::MOST_WEIGHTS)?)
        } else {
            let path = folders.data.join(name);
            let opened = match files::open(&path, files::MOST_WEIGHTS) {
                Err(error) if error.is_absent() => None,
                opened => Some(opened?),
            };
            (path, opened)
        };
        match opened {
            Some(file) => Ok(Some((file, path))),
            None => Err(WeightsMissing {
                name: name.clone(),
                meant: missing::nearly(&path),
                path,
            }
            .into()),
        }
    }

    /// The layers of the network for images of [time, height, width, 3], as its summary lists them.
    pub fn layers(&self, [_, height, width, _]: [usize; 4]) -> Vec<resnet50::Layer> {
        let spec = self.resnet50();
        resnet50::layers(spec.variant, spec.width, [height, width])
    }
}
