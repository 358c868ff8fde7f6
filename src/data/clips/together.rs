//! Several videos decoded by one process: starting ffmpeg costs five times as much as decoding twenty frames.

use std::path::Path;

use super::MOST_BYTES_OF_A_FILE;
use super::images::Images;
use super::list::{Clip, ClipSource};
use super::video::{Decoder, EACH_FRAME_ONCE, read_from, started, wait};
use crate::files;

/// Clips that one process decodes, at most.
pub(crate) const TOGETHER: usize = 8;

/// Bytes of all frames that are decoded together, at most; larger videos are decoded one by one.
const MOST_BYTES: usize = 256 << 20;

/// The first `count` frames of each clip, in order, as [`Clip::frames`] gives them. Where decoding together does not work, for
/// whatever reason, each clip is decoded alone and says itself what is wrong with it.
pub(crate) fn frames_of(clips: &[&Clip], count: usize) -> Vec<anyhow::Result<Images>> {
    let paths: Vec<&Path> = clips
        .iter()
        .filter_map(|clip| match &clip.source {
            ClipSource::Video(path) => Some(path.as_path()),
            ClipSource::Frames(_) | ClipSource::Simulated(_) => None,
        })
        .collect();
    if paths.len() == clips.len()
        && paths.len() > 1
        && let Some(images) = decode(&Decoder::default(), &paths, count)
    {
        return images.into_iter().map(Ok).collect();
    }
    clips.iter().map(|clip| clip.frames(count)).collect()
}

/// None unless every video gave all of its frames, all of one size, and ffmpeg said nothing.
fn decode(decoder: &Decoder, paths: &[&Path], count: usize) -> Option<Vec<Images>> {
    let all = count * paths.len();
    let deadline = decoder.deadline();
    let mut command = decoder.command();
    let (mut graph, mut joined) = (String::new(), String::new());
    for (number, path) in paths.iter().enumerate() {
        files::open(path, MOST_BYTES_OF_A_FILE).ok()?;
        read_from(&mut command, path);
        graph += &format!("[{number}:V:0]{EACH_FRAME_ONCE},trim=end_frame={count},format=bgr24[v{number}];");
        joined += &format!("[v{number}]");
    }
    graph += &format!("{joined}concat=n={}:v=1[out]", paths.len());
    command.args(["-filter_complex_threads", "1", "-filter_complex", &graph]);
    command.args(["-map", "[out]"]);

    let mut process = started(command, all).ok()?;
    let frames = process.frames(all, MOST_BYTES);
    let messages = process.messages();
    let frames = wait(&frames, deadline)?.ok()?;
    if frames.count != all || !wait(&messages, deadline)?.trim().is_empty() {
        return None;
    }
    // A video that is too short would have made room for none: the count is exact only where each gave its share.
    let (height, width) = (frames.height, frames.width);
    let each = frames.bytes.chunks_exact(frames.bytes.len() / paths.len());
    each.map(|bytes| Images::of_bytes(count, height, width, bytes.to_vec()).ok())
        .collect()
}

#[cfg(test)]
#[path = "together_tests.rs"]
mod tests;
