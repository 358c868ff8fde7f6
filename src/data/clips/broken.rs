//! Clips that cannot be decoded: found before anything is computed of them, and told all at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Error, anyhow};

use super::list::{Clip, ClipList, ClipSource};
use super::steps::{Step, frame_count};
use super::together::{TOGETHER, frames_of};
use super::video::DecoderMissing;
use super::{frames, natural};

/// Which clip an error is about: context of the error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfClip(pub String);

impl std::fmt::Display for OfClip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "clip {}", self.0)
    }
}

/// Opens all clips that such steps are done to, several at once: videos up to the last frame that is needed; of folders, the
/// first and the last frame and the sizes of those between.
///
/// # Errors
/// One for all clips that cannot be used.
pub fn open_all(list: &ClipList, steps: &[Step]) -> anyhow::Result<()> {
    let count = frame_count(steps);
    let on_disk = |clip: &&Clip| !matches!(clip.source, ClipSource::Simulated(_));
    let clips: Vec<&Clip> = list.clips.iter().filter(on_disk).collect();
    let groups: Vec<&[&Clip]> = clips.chunks(TOGETHER).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, errors) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..threads.min(groups.len()) {
            scope.spawn(|| {
                while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = open(group, count);
                    let mut errors = errors.lock().unwrap_or_else(|lost| lost.into_inner());
                    errors.extend(found);
                }
            });
        }
    });
    let errors = errors.into_inner().unwrap_or_else(|lost| lost.into_inner());
    all(errors).map_or(Ok(()), Err)
}

/// What is wrong with some clips.
fn open(clips: &[&Clip], count: usize) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut videos = Vec::new();
    for clip in clips {
        match &clip.source {
            ClipSource::Frames(folder) => {
                let looked = frames::look(folder, count);
                errors.extend(looked.with_context(|| OfClip(clip.name.clone())).err());
            }
            ClipSource::Video(_) | ClipSource::Simulated(_) => videos.push(*clip),
        }
    }
    for (clip, frames) in videos.iter().zip(frames_of(&videos, count)) {
        errors.extend(frames.with_context(|| OfClip(clip.name.clone())).err());
    }
    errors
}

/// Clips that one error names, at most.
const NAMED: usize = 20;

/// One error of many, in the order of the clips' names; each thing is said once, and so is each piece of advice.
pub fn all(mut errors: Vec<Error>) -> Option<Error> {
    // Without the program that decodes them, all videos fail for that one reason.
    if let Some(missing) = errors
        .iter()
        .position(|error| error.chain().any(|cause| cause.is::<DecoderMissing>()))
    {
        return Some(errors.swap_remove(missing));
    }
    if errors.len() < 2 {
        return errors.pop();
    }
    let name = |error: &Error| error.downcast_ref::<OfClip>().map_or_else(String::new, |clip| clip.0.clone());
    let mut told: Vec<(String, String)> = errors.iter().map(|error| (name(error), format!("{error:#}"))).collect();
    told.sort_by(|a, b| natural::compare(&a.0, &b.0).then_with(|| a.1.cmp(&b.1)));
    told.dedup();
    let (mut lines, mut helps): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (_, text) in told.iter().take(NAMED) {
        let mut parts = text.split("\n  help: ");
        lines.extend(parts.next().map(str::to_owned));
        for help in parts {
            if !helps.iter().any(|known| known == help) {
                helps.push(help.to_owned());
            }
        }
    }
    if told.len() > NAMED {
        lines.push(format!("and {} more", told.len() - NAMED));
    }
    lines.extend(helps.into_iter().map(|help| format!("  help: {help}")));
    Some(anyhow!("{}", lines.join("\n")))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn error(clip: &str, text: &'static str) -> Error {
        Error::msg(text).context(OfClip(clip.to_owned()))
    }

    #[test]
    fn all_are_told_in_the_order_of_names_with_each_advice_once() {
        assert!(all(Vec::new()).is_none());
        let one = all(vec![error("fi1", "too short\n  help: cut anew")]).unwrap();
        assert_eq!(format!("{one:#}"), "clip fi1: too short\n  help: cut anew");
        let several = vec![
            error("no1", "damaged\n  help: take it out"),
            error("fi10", "too short\n  help: cut anew"),
            error("fi2", "too short\n  help: cut anew"),
            error("fi2", "too short\n  help: cut anew"),
            Error::msg("the disk is full"),
        ];
        insta::assert_snapshot!(all(several).unwrap(), @r"
        the disk is full
        clip fi2: too short
        clip fi10: too short
        clip no1: damaged
          help: cut anew
          help: take it out
        ");
    }

    #[test]
    fn twenty_are_named_and_the_rest_counted() {
        let names: Vec<String> = (1..=23).rev().map(|number| format!("fi{number}")).collect();
        let errors = names.iter().map(|name| error(name, "damaged")).collect();
        let told = all(errors).unwrap().to_string();
        assert!(told.ends_with("clip fi20: damaged\nand 3 more"), "{told}");
    }

    #[test]
    fn a_decoder_that_is_missing_is_told_once() {
        let missing = |clip: &str| Error::new(DecoderMissing("ffmpeg".into())).context(OfClip(clip.to_owned()));
        let told = all(vec![error("fi1", "short"), missing("fi2"), missing("fi3")]).unwrap();
        assert!(told.root_cause().is::<DecoderMissing>());
    }
}
