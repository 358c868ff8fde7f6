//! Clips → decoded → preprocessed → through the backbone → files; several clips at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;

use anyhow::{Context, Error, Result};
use candle_core::Device;

use super::backbone::BackboneSpec;
use super::{View, Wanted};
use crate::data::Folders;
use crate::data::clips::{self, Clip, Draw, Images, OfClip, Step};
use crate::nn::convolution::Maps as Sizes;
use crate::nn::resnet50::{Composed, Resnet50, Workspace};

/// Computes the maps of every one of `wanted`, seen through `steps` and that backbone, whose weights have the digest
/// `weights`, that has none yet, and tells of each as it
/// ends: nothing, or why it has no maps. A clip that cannot be read does not stop the others.
///
/// # Errors
/// When the weights cannot be read, or `told` fails.
pub(super) fn compute(
    wanted: &[Wanted],
    steps: &[Step],
    (backbone, weights): (&BackboneSpec, &str),
    folders: &Folders,
    device: &Device,
    told: &mut dyn FnMut(Option<Error>) -> Result<()>,
) -> Result<()> {
    let mut missing = Vec::new();
    for (index, wanted) in wanted.iter().enumerate() {
        if !wanted.is_kept()? {
            missing.push(index);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let network = backbone.network(folders, weights)?;
    let composed = match device {
        Device::Cpu => None,
        _ => Some(Composed::new(&network, device)?),
    };
    let pass = Pass {
        steps,
        channels: network.channels(),
        network,
        composed,
        zeros: OnceLock::new(),
        device: Mutex::new(()),
    };
    // Only the lists that are handed out next are shared; the maps of a clip depend on that clip alone.
    let next = AtomicUsize::new(0);
    let threads = candle_core::utils::get_num_threads().clamp(1, missing.len());
    // Clips that are decoded together; fewer where that would leave a thread without work.
    let together = (missing.len() / threads).clamp(1, clips::TOGETHER);
    let groups: Vec<&[usize]> = missing.chunks(together).collect();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let (sender, pass, next, groups) = (sender.clone(), &pass, &next, &groups);
            scope.spawn(move || {
                let mut workspace = Workspace::default();
                while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let group: Vec<&Wanted> = group.iter().map(|index| &wanted[*index]).collect();
                    for (wanted, frames) in group.iter().zip(pass.frames(&group)) {
                        let error = pass.run(wanted, frames, &mut workspace).err();
                        if sender.send(error).is_err() {
                            return; // nobody listens any more
                        }
                    }
                }
            });
        }
        drop(sender);
        receiver.into_iter().try_for_each(told)
    })
}

struct Pass<'a> {
    steps: &'a [Step],
    network: Resnet50,
    composed: Option<Composed>,
    channels: usize,
    /// The maps of an image of zeros, which every padded clip begins with.
    zeros: OnceLock<Vec<f32>>,
    /// A device takes one clip at a time.
    device: Mutex<()>,
}

impl Pass<'_> {
    /// The frames of those clips, as the files have them.
    fn frames(&self, group: &[&Wanted]) -> Vec<Result<Images>> {
        let clips: Vec<&Clip> = group.iter().map(|wanted| &wanted.clip).collect();
        clips::frames_of(&clips, clips::frame_count(self.steps))
    }

    fn run(&self, wanted: &Wanted, frames: Result<Images>, workspace: &mut Workspace) -> Result<()> {
        let clip = &wanted.clip;
        let images = frames.and_then(|frames| Ok((frames.digest()?, self.images(wanted, frames)?)));
        let (decoded, (sizes, images)) = images.with_context(|| OfClip(clip.name.clone()))?;
        let numbers = sizes.height * sizes.width * 3;
        let is_zero = |image: &[f32]| image.iter().all(|x| *x == 0.0);
        let zeros: Vec<bool> = images.chunks_exact(numbers).map(is_zero).collect();
        let seen: Vec<f32> = images
            .chunks_exact(numbers)
            .zip(&zeros)
            .filter(|(_, zero)| !**zero)
            .flat_map(|(image, _)| image.iter().copied())
            .collect();
        let of_seen = Sizes {
            images: zeros.iter().filter(|zero| !**zero).count(),
            ..sizes
        };
        let computed = self.forward(&seen, of_seen, workspace)?;
        let one = Sizes { images: 1, ..sizes };
        if zeros.contains(&true) && self.zeros.get().is_none() {
            let maps = self.forward(&vec![0.0; numbers], one, workspace)?;
            // Another thread may have been faster, with the same numbers.
            self.zeros.get_or_init(|| maps);
        }
        let of_zero = self.zeros.get().map_or(&[][..], Vec::as_slice);
        let (height, width) = reduced(sizes);
        let mut computed = computed.chunks_exact(height * width * self.channels);
        let mut maps = Vec::with_capacity(sizes.images * height * width * self.channels);
        for zero in zeros {
            let image = if zero { Some(of_zero) } else { computed.next() };
            maps.extend_from_slice(image.context("every image has its maps")?);
        }
        let shape = [sizes.images, height, width, self.channels];
        wanted.file.write(&maps, shape, &decoded)
    }

    fn images(&self, wanted: &Wanted, frames: Images) -> Result<(Sizes, Vec<f32>)> {
        let draw = match (wanted.view, clips::augmentation(self.steps)) {
            (View::Variant(number), Some(spec)) => Some(Draw::of(spec, &wanted.clip.digest, number)),
            _ => None,
        };
        let images = clips::run(self.steps, frames, draw.as_ref())?;
        let sizes = Sizes {
            images: images.count,
            height: images.height,
            width: images.width,
        };
        Ok((sizes, images.into_floats()?))
    }

    fn forward(&self, images: &[f32], sizes: Sizes, workspace: &mut Workspace) -> Result<Vec<f32>> {
        if sizes.images == 0 {
            return Ok(Vec::new());
        }
        match &self.composed {
            None => Ok(self.network.forward(images, sizes, workspace)),
            Some(composed) => {
                let _one = self.device.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                Ok(composed.forward(images, sizes)?)
            }
        }
    }
}

fn reduced(sizes: Sizes) -> (usize, usize) {
    use crate::nn::resnet50::REDUCTION;
    (sizes.height.div_ceil(REDUCTION), sizes.width.div_ceil(REDUCTION))
}
