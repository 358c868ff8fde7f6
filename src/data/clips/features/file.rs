//! The file of one clip's maps, and some of them as examples.

use std::collections::HashMap;
use std::io::Read;

use anyhow::{Context, Result, bail, ensure};
use candle_core::{Device, Tensor};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::files::{MOST_WEIGHTS, Place};
use crate::rng;

/// Name of the one tensor in a file.
const NAME: &str = "maps";

/// Name of the one entry of the metadata: the digest of what the file stands for and of its numbers, what it stands for, and behind
/// `FRAMES` the digest of the frames that were decoded.
const DIGEST: &str = "blake3";

/// What a digest of frames follows. It decides nothing: where two machines have other maps of a clip, it tells whether they saw other
/// frames, which another version of ffmpeg may decode.
const FRAMES: &str = "; frames ";

/// The longest header of a file of maps: a tensor and two entries of metadata.
const MOST_HEADER: u64 = 1 << 16;

/// The file of one clip's maps in one view, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapFile {
    /// Where it lies.
    pub place: Place,
    /// The way of seeing, the clip's bytes and the view: a file under this name that holds another's maps is damaged.
    pub of: String,
}

impl MapFile {
    /// Writes maps [time, height, width, channel], rounded to f16, and the digest of the frames that they were made of.
    ///
    /// # Errors
    /// When a number is not finite, or the file system refuses.
    pub(super) fn write(&self, maps: &[f32], shape: [usize; 4], frames: &str) -> Result<()> {
        ensure!(
            maps.iter().all(|x| x.abs() <= f32::from(f16::MAX)),
            "a feature is not finite, or too large for f16; other images or weights are needed"
        );
        let mut halves = vec![f16::ZERO; maps.len()];
        halves.convert_from_f32_slice(maps);
        let bytes: Vec<u8> = halves.reinterpret_cast().iter().flat_map(|bits| bits.to_le_bytes()).collect();
        // One entry: several would be written in an order that changes from run to run.
        let said = format!("{}{FRAMES}{frames}", self.digest(&bytes));
        let metadata = HashMap::from([(DIGEST.to_owned(), said)]);
        let failed = || format!("failed to write {}", self.place);
        let view = TensorView::new(Dtype::F16, shape.to_vec(), &bytes).with_context(failed)?;
        let bytes = safetensors::serialize([(NAME, view)], Some(metadata)).with_context(failed)?;
        self.place.write(&bytes)
    }

    /// Whether there is a file that says that it is this one, of the length that maps of that shape have.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(super) fn is_kept(&self, shape: [usize; 4]) -> Result<bool> {
        let Some(mut file) = self.place.open(MOST_WEIGHTS)? else {
            return Ok(false);
        };
        let failed = || format!("failed to read {}", self.place);
        let length = file.metadata().with_context(failed)?.len();
        let mut start = Vec::new();
        let read = Read::by_ref(&mut file).take(MOST_HEADER).read_to_end(&mut start);
        read.with_context(failed)?;
        let numbers = 2 * shape.iter().product::<usize>() as u64;
        let Some(header) = start
            .first_chunk()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .filter(|header| header.checked_add(8 + numbers) == Some(length))
        else {
            return Ok(false);
        };
        // What the header says is looked at alone; the whole file is checked when it is used.
        let header = usize::try_from(header).ok().and_then(|header| start.get(8..8 + header));
        let header: Option<serde_json::Value> = header.and_then(|header| serde_json::from_slice(header).ok());
        Ok(header.is_some_and(|header| {
            let said = header["__metadata__"][DIGEST].as_str();
            said.and_then(|said| without_frames(said).split_once(' '))
                .is_some_and(|(_, of)| of == self.of)
        }))
    }

    /// Reads maps of that shape. A file that holds anything else is removed, so that the next pass makes it again.
    fn read(&self, shape: [usize; 4]) -> Result<Vec<f16>> {
        let Some(bytes) = self.place.read(MOST_WEIGHTS)? else {
            bail!("the feature maps {} are gone; sweep again", self.place);
        };
        self.unpacked(&bytes, shape).map_err(|error| {
            let removed = match self.place.remove() {
                Ok(()) => "it was removed: sweep again".to_owned(),
                Err(error) => {
                    format!("remove it and sweep again (it could not be removed: {error:#})")
                }
            };
            error.context(format!("the file of feature maps {} was damaged; {removed}", self.place))
        })
    }

    fn unpacked(&self, bytes: &[u8], shape: [usize; 4]) -> Result<Vec<f16>> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let metadata = header.metadata().as_ref();
        let kept = metadata.and_then(|metadata| metadata.get(DIGEST));
        let tensors = SafeTensors::deserialize(bytes)?;
        let tensor = tensors.tensor(NAME)?;
        ensure!(
            tensor.dtype() == Dtype::F16 && tensor.shape() == shape,
            "the maps have shape {:?}",
            tensor.shape()
        );
        ensure!(
            kept.is_some_and(|kept| without_frames(kept) == self.digest(tensor.data())),
            "the numbers are not those that were written for this clip and view"
        );
        let bits: Vec<u16> = tensor
            .data()
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        Ok(bits.reinterpret_cast::<f16>().to_vec())
    }

    /// BLAKE3 of what the file stands for and of its numbers, and what it stands for.
    fn digest(&self, bytes: &[u8]) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.of.as_bytes());
        hasher.update(&[0]);
        hasher.update(bytes);
        format!("{} {}", hasher.finalize().to_hex(), self.of)
    }
}

/// What a file says of itself but for its frames, of which files of earlier versions say nothing.
fn without_frames(said: &str) -> &str {
    said.split_once(FRAMES).map_or(said, |(said, _)| said)
}

/// The kept maps of one example: a file for each view that an epoch may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMaps {
    /// At least one.
    pub views: Vec<MapFile>,
}

/// The maps of some examples, on disk.
#[derive(Debug, Clone)]
pub struct Maps {
    examples: Vec<StoredMaps>,
    /// On disk: [time, height, width, channel].
    shape: [usize; 4],
    pool: usize,
    device: Device,
}

impl Maps {
    /// Of files that hold maps of `shape`, read as means over squares of side `pool`.
    pub fn new(examples: Vec<StoredMaps>, shape: [usize; 4], pool: usize, device: &Device) -> Self {
        Self {
            examples,
            shape,
            pool,
            device: device.clone(),
        }
    }

    /// [index, time, height / pool, width / pool, channel] of those examples, each in the view that `chance`, a (seed, epoch),
    /// chooses; the first where there is none.
    ///
    /// # Errors
    /// When a file is gone or broken, or the device refuses.
    pub fn batch(&self, indices: &[usize], chance: Option<(u64, u64)>) -> Result<Tensor> {
        let [time, height, width, channels] = self.shape;
        let pooled = [time, height / self.pool, width / self.pool, channels];
        let size: usize = pooled.iter().product();
        let mut numbers = vec![0.0; indices.len() * size];
        for (index, numbers) in indices.iter().zip(numbers.chunks_exact_mut(size)) {
            let views = &self.examples[*index].views;
            let view = match chance {
                Some((seed, epoch)) if views.len() > 1 => {
                    rng::stream(seed, "variant", epoch, *index as u64).below(views.len())
                }
                _ => 0,
            };
            pool(&views[view].read(self.shape)?, self.shape, self.pool, numbers);
        }
        let shape = [&[indices.len()], &pooled[..]].concat();
        Ok(Tensor::from_vec(numbers, shape, &self.device)?)
    }

    /// One example for a linear model: for each channel the mean over space, of which the mean, the deviation and the maximum
    /// over time are taken: [3 · channel].
    ///
    /// # Errors
    /// When the file is gone or broken.
    pub fn summary(&self, index: usize) -> Result<Vec<f32>> {
        let [time, height, width, channels] = self.shape;
        let maps = self.examples[index].views[0].read(self.shape)?;
        let positions = height * width;
        let mut means = vec![0.0f64; time * channels];
        for (position, row) in maps.chunks_exact(channels).enumerate() {
            let step = position / positions * channels;
            for (mean, number) in means[step..step + channels].iter_mut().zip(row) {
                *mean += f64::from(number.to_f32()) / positions as f64;
            }
        }
        let mut summary = vec![0.0; 3 * channels];
        for channel in 0..channels {
            let steps = || means.iter().skip(channel).step_by(channels);
            let mean = steps().sum::<f64>() / time as f64;
            let variance = steps().map(|x| (x - mean) * (x - mean)).sum::<f64>() / time as f64;
            summary[channel] = mean as f32;
            summary[channels + channel] = variance.sqrt() as f32;
            summary[2 * channels + channel] = steps().fold(f64::NEG_INFINITY, |a, b| a.max(*b)) as f32;
        }
        Ok(summary)
    }
}

/// Means over squares of side `side`.
fn pool(maps: &[f16], [time, height, width, channels]: [usize; 4], side: usize, out: &mut [f32]) {
    if side == 1 {
        maps.convert_to_f32_slice(out);
        return;
    }
    let (rows, columns) = (height / side, width / side);
    let share = 1.0 / (side * side) as f32;
    let mut line = vec![0.0; channels];
    out.fill(0.0);
    for position in 0..time * height * width {
        let (x, y) = (position % width, position / width % height);
        let step = position / (width * height);
        maps[position * channels..(position + 1) * channels].convert_to_f32_slice(&mut line);
        let at = ((step * rows + y / side) * columns + x / side) * channels;
        for (sum, number) in out[at..at + channels].iter_mut().zip(&line) {
            *sum += share * number;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
