//! The file of one clip's maps, and some of them as examples.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::rng;

/// Name of the one tensor in a file.
const NAME: &str = "maps";

/// Name of the digest of its bytes, in the metadata.
const DIGEST: &str = "blake3";

/// Writes maps [time, height, width, channel], rounded to f16.
///
/// # Errors
/// When the file system refuses.
pub(super) fn write(path: &Path, maps: &[f32], shape: [usize; 4]) -> Result<()> {
    let failed = || format!("failed to write {}", path.display());
    ensure!(
        maps.iter().all(|x| x.abs() <= f32::from(f16::MAX)),
        "a feature is not finite, or too large for f16; other images or weights are needed"
    );
    let mut halves = vec![f16::ZERO; maps.len()];
    halves.convert_from_f32_slice(maps);
    let bytes: Vec<u8> = halves
        .reinterpret_cast()
        .iter()
        .flat_map(|bits| bits.to_le_bytes())
        .collect();
    let view = TensorView::new(Dtype::F16, shape.to_vec(), &bytes).with_context(failed)?;
    let digest = blake3::hash(&bytes).to_hex().to_string();
    let metadata = HashMap::from([(DIGEST.to_owned(), digest)]);
    let bytes = safetensors::serialize([(NAME, view)], Some(metadata)).with_context(failed)?;
    let folder = path.parent().with_context(failed)?;
    std::fs::create_dir_all(folder).with_context(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    std::io::Write::write_all(&mut file, &bytes).with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Whether there is a file of the length that maps of that shape have.
pub(super) fn is_kept(path: &Path, shape: [usize; 4]) -> bool {
    let header = || -> std::io::Result<(u64, u64)> {
        let mut file = File::open(path)?;
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        Ok((u64::from_le_bytes(length), file.metadata()?.len()))
    };
    let numbers: usize = shape.iter().product();
    header()
        .is_ok_and(|(header, length)| header.checked_add(8 + 2 * numbers as u64) == Some(length))
}

/// Reads maps of that shape. A file that holds anything else is removed, so that the next pass makes it again.
fn read(path: &Path, shape: [usize; 4]) -> Result<Vec<f16>> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("failed to read the feature maps in {}", path.display()))?;
    unpacked(&bytes, shape).map_err(|error| {
        let removed = match std::fs::remove_file(path) {
            Ok(()) => "it was removed: sweep again".to_owned(),
            Err(error) => format!("remove it and sweep again (it could not be removed: {error})"),
        };
        error.context(format!(
            "the file of feature maps {} was damaged; {removed}",
            path.display()
        ))
    })
}

fn unpacked(bytes: &[u8], shape: [usize; 4]) -> Result<Vec<f16>> {
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
    let digest = blake3::hash(tensor.data()).to_hex();
    ensure!(
        kept.is_some_and(|kept| *kept == digest.as_str()),
        "the numbers are not those that were written"
    );
    let bits: Vec<u16> = tensor
        .data()
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Ok(bits.reinterpret_cast::<f16>().to_vec())
}

/// The kept maps of one example: a file for each view that an epoch may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMaps {
    /// At least one.
    pub views: Vec<PathBuf>,
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
            pool(
                &read(&views[view], self.shape)?,
                self.shape,
                self.pool,
                numbers,
            );
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
        let maps = read(&self.examples[index].views[0], self.shape)?;
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
            summary[2 * channels + channel] =
                steps().fold(f64::NEG_INFINITY, |a, b| a.max(*b)) as f32;
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
mod tests {
    use super::*;

    fn stored(folder: &Path, shape: [usize; 4]) -> (PathBuf, Vec<f32>) {
        let count: usize = shape.iter().product();
        // Halves hold these exactly.
        let maps: Vec<f32> = (0..count).map(|index| (index % 512) as f32 / 4.0).collect();
        let path = folder.join("a/b.safetensors");
        write(&path, &maps, shape).unwrap();
        (path, maps)
    }

    #[test]
    fn maps_come_back_whole_and_pooled() {
        let folder = tempfile::tempdir().unwrap();
        let shape = [2, 2, 4, 8];
        let (path, maps) = stored(folder.path(), shape);
        let examples = || {
            vec![StoredMaps {
                views: vec![path.clone()],
            }]
        };
        let whole = Maps::new(examples(), shape, 1, &Device::Cpu)
            .batch(&[0, 0], None)
            .unwrap();
        assert_eq!(whole.dims(), [2, 2, 2, 4, 8]);
        assert_eq!(
            whole.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
            [maps.clone(), maps.clone()].concat()
        );
        let pooled = Maps::new(examples(), shape, 2, &Device::Cpu)
            .batch(&[0], None)
            .unwrap();
        assert_eq!(pooled.dims(), [1, 2, 1, 2, 8]);
        let first = pooled.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0];
        assert_eq!(first, (maps[0] + maps[8] + maps[32] + maps[40]) / 4.0);
    }

    #[test]
    fn a_summary_is_that_worked_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        // Two steps of one position pair, one channel: means over space 2 and 6.
        write(&path, &[1.0, 3.0, 4.0, 8.0], [2, 1, 2, 1]).unwrap();
        let maps = Maps::new(
            vec![StoredMaps { views: vec![path] }],
            [2, 1, 2, 1],
            1,
            &Device::Cpu,
        );
        assert_eq!(maps.summary(0).unwrap(), [4.0, 2.0, 6.0]);
    }

    #[test]
    fn a_damaged_file_is_named_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let shape = [1, 1, 1, 8];
        let (path, _) = stored(folder.path(), shape);
        assert!(is_kept(&path, shape) && !is_kept(&path, [1, 1, 1, 16]));
        let whole = std::fs::read(&path).unwrap();
        let mut spoilt = whole.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        for damaged in [&whole[..whole.len() - 3], &spoilt, b"", b"no maps at all"] {
            std::fs::write(&path, damaged).unwrap();
            let error = format!("{:#}", read(&path, shape).unwrap_err());
            assert!(
                error.contains("b.safetensors was damaged; it was removed"),
                "{error}"
            );
            assert!(!path.exists() && !is_kept(&path, shape));
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(read(&path, shape).is_ok());
        std::fs::write(&path, &whole[..20]).unwrap();
        assert!(
            !is_kept(&path, shape),
            "a file that was cut off is made again"
        );
    }

    #[test]
    fn numbers_that_a_half_cannot_hold_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for number in [f32::NAN, f32::INFINITY, 1e6] {
            let path = folder.path().join("a.safetensors");
            assert!(write(&path, &[number], [1, 1, 1, 1]).is_err());
            assert!(!path.exists());
        }
    }

    #[test]
    fn views_are_chosen_by_seed_epoch_and_example() {
        let folder = tempfile::tempdir().unwrap();
        let views: Vec<PathBuf> = (0..2)
            .map(|view| {
                let path = folder.path().join(format!("{view}.safetensors"));
                write(&path, &[view as f32; 8], [1, 1, 1, 8]).unwrap();
                path
            })
            .collect();
        let maps = Maps::new(
            vec![StoredMaps { views }; 40],
            [1, 1, 1, 8],
            1,
            &Device::Cpu,
        );
        let all: Vec<usize> = (0..40).collect();
        let seen = |chance| -> Vec<f32> {
            maps.batch(&all, chance)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap()
        };
        assert!(seen(None).iter().all(|x| *x == 0.0));
        let first = seen(Some((0, 0)));
        assert!(first.contains(&0.0) && first.contains(&1.0));
        assert_eq!(first, seen(Some((0, 0))));
        assert_ne!(first, seen(Some((0, 1))));
        assert_ne!(first, seen(Some((1, 0))));
    }
}
