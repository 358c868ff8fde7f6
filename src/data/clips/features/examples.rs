//! Clips, a split and a backbone → examples; the maps that are not there yet are computed.

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};

use super::backbone::BackboneSpec;
use super::file::{Maps, StoredMaps};
use super::{FeatureFolder, View, compute};
use crate::data::Folders;
use crate::data::clips::{self, ClipCut, ClipList, ClipSplit, Step};
use crate::data::{Dataset, Examples, Inputs, Items, Target};
use crate::files::Unwritable;

/// The examples of clips seen through `steps` and that backbone, whose weights have the digest `weights`.
///
/// # Errors
/// When the split does not fit the clips, a clip cannot be read, or the weights are not here.
pub fn build(
    list: &ClipList,
    steps: &[Step],
    (backbone, weights): (&BackboneSpec, &str),
    split: &ClipSplit,
    folders: &Folders,
    device: &Device,
) -> Result<Dataset> {
    let cut = clips::split(list, split)?;
    let folder = FeatureFolder::of(steps, backbone, weights, folders)?;
    let wanted = folder.wanted_by(list, &cut)?;
    let mut errors = Vec::new();
    compute(
        &wanted,
        steps,
        (backbone, weights),
        folders,
        device,
        &mut |error| match error {
            // The others will fail like it.
            Some(error) if error.is::<Unwritable>() => Err(error),
            error => {
                errors.extend(error);
                Ok(())
            }
        },
    )?;
    if let Some(error) = clips::all_broken(errors) {
        return Err(error);
    }
    let shape = clips::output_shape(steps);
    let unpooled = backbone.unpooled_shape(shape);
    let examples = |indices: &[usize], trained: bool| -> Result<Examples> {
        let stored = indices.iter().map(|index| {
            let file = |view| Ok(folder.wanted(&list.clips[*index], view)?.file);
            let views: Result<_> = match trained {
                true => folder.training_views().map(file).collect(),
                false => Ok(vec![file(View::Plain)?]),
            };
            Ok(StoredMaps { views: views? })
        });
        let stored = stored.collect::<Result<_>>()?;
        let maps = Maps::new(stored, unpooled, backbone.pool(), device);
        labelled(list, indices, Inputs::Maps(maps), device)
    };
    Ok(Dataset {
        target: Target::Classes(list.classes.clone()),
        outputs: 1.into(),
        sample_shape: backbone.output_shape(shape)?.to_vec(),
        train: examples(&cut.train, true)?,
        calibration: None,
        validation: match cut.validation.as_slice() {
            [] => None,
            clips => Some(examples(clips, false)?),
        },
        test: examples(&cut.test, false)?,
    })
}

/// The same for a model that looks at the labels alone.
///
/// # Errors
/// When the split does not fit the clips.
pub fn labels(list: &ClipList, split: &ClipSplit, device: &Device) -> Result<Dataset> {
    let ClipCut { train, test, .. } = clips::split(list, split)?;
    Ok(Dataset {
        target: Target::Classes(list.classes.clone()),
        outputs: 1.into(),
        sample_shape: Vec::new(),
        train: labelled(list, &train, Inputs::Unread, device)?,
        validation: None,
        calibration: None,
        test: labelled(list, &test, Inputs::Unread, device)?,
    })
}

fn labelled(list: &ClipList, indices: &[usize], inputs: Inputs, device: &Device) -> Result<Examples> {
    let clips = || indices.iter().map(|index| &list.clips[*index]);
    let labels: Vec<f32> = clips().map(|clip| f32::from(clip.label)).collect();
    let targets = Tensor::from_vec(labels, (indices.len(), 1), device).context("the labels as a tensor")?;
    Ok(Examples::Items(Items {
        inputs,
        targets,
        truth: clips().map(|clip| vec![f64::from(clip.label)]).collect(),
        past: Vec::new(),
        names: clips().map(|clip| clip.name.clone()).collect(),
    }))
}
