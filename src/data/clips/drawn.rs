//! A clip of [`simulated`](super::simulated) → its frames: blurred blobs drift over a fixed texture, under noise. In a "fast" clip
//! they are knocked about from frame to frame, in a "slow" one they glide; the two kinds of motion overlap, so that a few clips of
//! either look like the other.

use super::images::{CHANNELS, Images};
use crate::rng::{self, Stream};

/// Bumped when the same settings would give other clips.
const SIMULATION: u32 = 1;
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
    pub(super) fn digest(&self) -> String {
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
