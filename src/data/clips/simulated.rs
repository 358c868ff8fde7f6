//! `kind = "simulated_clips"`: built-in clips of two classes that differ in how things move, for the quickstart and the
//! tests; they need neither files nor ffmpeg.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::ClipsSettings;
use super::drawn::SimulatedClip;
use super::list::{Clip, ClipList, ClipSource};
use super::steps::Step;

/// Names of the classes.
const CLASSES: [&str; 2] = ["fast", "slow"];

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
