//! `kind = "simulated_clips"`: built-in clips of two classes that differ in how things move, for the quickstart and the
//! tests; they need neither files nor ffmpeg.
//!
//! Blurred blobs drift over a fixed texture, under noise. In a "fast" clip they are knocked about from frame to frame, in
//! a "slow" one they glide; the two kinds of motion overlap, so that a few clips of either look like the other.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::ClipsSettings;
use super::images::{CHANNELS, Images};
use super::list::{Clip, ClipList, ClipSource};
use super::steps::Step;
use crate::rng::{self, Stream};

/// Bumped when the same settings would give other clips.
const SIMULATION: u32 = 1;
/// Names of the classes.
const CLASSES: [&str; 2] = ["fast", "slow"];
/// Mean way of a blob from frame to frame, in sides of the image.
const WAYS: [f64; 2] = [0.05, 0.022];
/// Deviation of the natural logarithm of a clip's way: what makes the classes overlap.
const SPREAD: f64 = 0.35;
/// How much of a blob's velocity stays from one frame to the next.
const STEADINESS: [f64; 2] = [0.3, 0.9];
/// Blobs of a clip.
const BLOBS: usize = 4;
/// Deviation of the noise of a pixel, in grey levels.
const NOISE: f64 = 6.0;

/// `kind = "simulated_clips"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedClipsSpec {
    /// How many there are; every second one is "slow".
    #[serde(default = "clips", deserialize_with = "within::<_, 2, 10_000>")]
    pub clips: usize,
    /// Rows and columns of a frame.
    #[serde(default = "size", deserialize_with = "within::<_, 8, 1024>")]
    pub size: usize,
    /// Seed of the clips, apart from the training's.
    #[serde(default)]
    pub seed: u64,
    /// What is done to the frames of a clip, in order.
    pub steps: Vec<Step>,
}

fn clips() -> usize {
    60
}

fn size() -> usize {
    64
}

/// A whole number in that range, both ends included.
fn within<'de, D: Deserializer<'de>, const LEAST: usize, const MOST: usize>(deserializer: D) -> Result<usize, D::Error> {
    match i64::deserialize(deserializer)? {
        number if (LEAST as i64..=MOST as i64).contains(&number) => Ok(number as usize),
        number => Err(D::Error::custom(format!(
            "must be a whole number from {LEAST} to {MOST}, found {number}"
        ))),
    }
}

/// What decides the frames of a built-in clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedClip {
    /// Of the clips.
    pub seed: u64,
    /// Its number in its class, from 1.
    pub number: u64,
    /// 0: fast; 1: slow.
    pub label: u8,
    /// Rows and columns of a frame.
    pub size: usize,
}

impl ClipsSettings for SimulatedClipsSpec {
    fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn origin(&self, list: &ClipList) -> String {
        list.source.clone()
    }

    fn read(&self, _: &Path) -> anyhow::Result<ClipList> {
        Ok(self.list())
    }
}

impl SimulatedClipsSpec {
    /// The clips, which hang on nothing but the settings; fewer clips are the first of more.
    pub fn list(&self) -> ClipList {
        let clips = (0..self.clips).map(|index| {
            let simulated = SimulatedClip {
                seed: self.seed,
                number: (index / 2 + 1) as u64,
                label: (index % 2) as u8,
                size: self.size,
            };
            let class = CLASSES[index % 2];
            Clip {
                name: format!("sim_{class}_{}", simulated.number),
                label: simulated.label,
                digest: simulated.digest(),
                source: ClipSource::Simulated(simulated),
            }
        });
        ClipList::of(
            clips.collect(),
            CLASSES.map(str::to_owned),
            format!("simulated clips, seed {}", self.seed),
        )
    }
}

/// A blurred disc that moves.
struct Blob {
    /// Row and column, in sides of the image.
    place: [f64; 2],
    /// Way in a frame.
    velocity: [f64; 2],
    /// Deviation of its Gaussian, in sides of the image.
    radius: f64,
    /// What it adds to each channel in its middle, in grey levels.
    colour: [f64; CHANNELS],
}

impl SimulatedClip {
    fn digest(&self) -> String {
        let name = format!(
            "simulated clip {SIMULATION} {} {} {} {}",
            self.seed, self.number, self.label, self.size
        );
        blake3::hash(name.as_bytes()).to_hex().to_string()
    }

    /// The first `count` frames, [frame, height, width, channel]; any number can be had, and the first ones stay the same.
    pub(super) fn frames(&self, count: usize) -> anyhow::Result<Images> {
        let index = self.number * 2 + u64::from(self.label);
        let mut stream = rng::stream(self.seed, "simulated_clip", 0, index);
        let label = usize::from(self.label);
        let way = WAYS[label] * libm::exp(SPREAD * stream.normal());
        let waves: [[f64; 4]; 3] = std::array::from_fn(|_| std::array::from_fn(|_| stream.uniform()));
        let mut blobs: [Blob; BLOBS] = std::array::from_fn(|_| Blob::drawn(&mut stream, way));
        let mut bytes = Vec::with_capacity(count * self.size * self.size * CHANNELS);
        for _ in 0..count {
            self.draw(&waves, &blobs, &mut stream, &mut bytes);
            for blob in &mut blobs {
                blob.advance(&mut stream, way, STEADINESS[label]);
            }
        }
        Images::of_bytes(count, self.size, self.size, bytes)
    }

    /// One frame: texture, blobs, noise.
    fn draw(&self, waves: &[[f64; 4]; 3], blobs: &[Blob], stream: &mut Stream, bytes: &mut Vec<u8>) {
        let side = self.size as f64;
        for row in 0..self.size {
            for column in 0..self.size {
                let place = [(row as f64 + 0.5) / side, (column as f64 + 0.5) / side];
                let texture: f64 = waves.iter().map(|wave| ripple(wave, place)).sum();
                let covers = blobs.iter().map(|blob| (blob, blob.cover(place)));
                let mut colour = [110.0 + 12.0 * texture; CHANNELS];
                for (blob, cover) in covers {
                    for (value, added) in colour.iter_mut().zip(blob.colour) {
                        *value += cover * added;
                    }
                }
                // One draw for the three channels: most of a camera's noise is in the brightness.
                let noise = NOISE * stream.normal();
                bytes.extend(colour.map(|value| (value + noise).round().clamp(0.0, 255.0) as u8));
            }
        }
    }
}

/// A wave over the image, -1 to 1.
fn ripple([frequency, down, across, phase]: &[f64; 4], place: [f64; 2]) -> f64 {
    let turns = (3.0 + 6.0 * frequency) * (down * place[0] + across * place[1]) + phase;
    libm::sin(turns * std::f64::consts::TAU)
}

impl Blob {
    fn drawn(stream: &mut Stream, way: f64) -> Self {
        let mut place = || 0.15 + 0.7 * stream.uniform();
        let place = [place(), place()];
        Self {
            place,
            velocity: std::array::from_fn(|_| way * stream.normal()),
            radius: 0.05 + 0.05 * stream.uniform(),
            colour: std::array::from_fn(|_| 160.0 * (stream.uniform() - 0.5)),
        }
    }

    /// How much of it lies over that place, 0 to 1.
    fn cover(&self, place: [f64; 2]) -> f64 {
        let [down, across] = [0, 1].map(|axis| (place[axis] - self.place[axis]) / self.radius);
        libm::exp(-0.5 * (down * down + across * across))
    }

    /// One frame on: the velocity keeps a share and draws the rest, so that its size stays the same over time; the borders
    /// throw it back.
    fn advance(&mut self, stream: &mut Stream, way: f64, steadiness: f64) {
        for (place, velocity) in self.place.iter_mut().zip(&mut self.velocity) {
            let drawn = (1.0 - steadiness * steadiness).sqrt() * way * stream.normal();
            *velocity = steadiness * *velocity + drawn;
            *place += *velocity;
            if !(0.0..=1.0).contains(place) {
                *velocity = -*velocity;
                *place = place.clamp(0.0, 1.0);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn spec(clips: usize, seed: u64) -> SimulatedClipsSpec {
        SimulatedClipsSpec {
            clips,
            size: 32,
            seed,
            steps: Vec::new(),
        }
    }

    #[test]
    fn clips_are_named_and_sorted() {
        let list = spec(5, 0).list();
        let names: Vec<&str> = list.clips.iter().map(|clip| clip.name.as_str()).collect();
        assert_eq!(names, ["sim_fast_1", "sim_fast_2", "sim_fast_3", "sim_slow_1", "sim_slow_2"]);
        let mut digests: Vec<&str> = list.clips.iter().map(|clip| clip.digest.as_str()).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 5);
    }

    #[test]
    fn settings_have_defaults_and_ranges() {
        let read = |text: &str| toml::from_str::<SimulatedClipsSpec>(text);
        let spec = read("steps = []").unwrap();
        assert_eq!((spec.clips, spec.size, spec.seed), (60, 64, 0));
        for wrong in ["clips = 1", "clips = 1_000_000", "size = 7", "size = -64", "size = 4096"] {
            read(&format!("steps = []\n{wrong}")).unwrap_err();
        }
    }

    #[test]
    fn the_same_settings_give_the_same_clips() {
        let (list, other) = (spec(6, 0).list(), spec(6, 1).list());
        for (clip, other) in list.clips.iter().zip(&other.clips) {
            let frames = clip.frames(8).unwrap();
            assert_eq!(frames, clip.frames(8).unwrap());
            assert_eq!(clip.frames(3).unwrap(), frames.clone().first(3).unwrap());
            assert_ne!(frames, other.frames(8).unwrap());
            assert_ne!(clip.digest, other.digest);
        }
        assert!(spec(4, 0).list().clips.iter().all(|clip| list.clips.contains(clip)));
    }

    /// Share of clips that the best threshold on the mean pair difference tells apart.
    #[test]
    fn motion_tells_the_classes_apart_but_not_surely() {
        for size in [32, 64] {
            let list = SimulatedClipsSpec { size, ..spec(400, 0) }.list();
            let motion = |clip: &Clip| {
                let frames = clip.frames(20).unwrap();
                let bytes = frames.bytes().unwrap();
                let pairs = bytes.chunks_exact(2 * size * size * 3);
                let sums = pairs.map(|pair| {
                    let (first, second) = pair.split_at(pair.len() / 2);
                    let differences = first.iter().zip(second);
                    differences.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>()
                });
                sums.sum::<f64>()
            };
            let mut sorted: Vec<(f64, u8)> = list.clips.iter().map(|clip| (motion(clip), clip.label)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            // Right where the slow ones lie below the threshold: start with the threshold below all.
            let mut right = sorted.iter().filter(|(_, label)| *label == 0).count();
            let mut best = right;
            for (_, label) in &sorted {
                if *label == 1 {
                    right += 1
                } else {
                    right -= 1
                }
                best = best.max(right);
            }
            let accuracy = best as f64 / sorted.len() as f64;
            assert!((0.85..0.95).contains(&accuracy), "{size}: {accuracy}");
        }
    }
}
