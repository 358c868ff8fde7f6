//! Smoothing weights and first states with the least squared errors.
//!
//! For given weights every error is a linear function of the first states, so that the best of them are a solution of linear least
//! squares, and only the weights, at most four, are searched for: with 0 < α < 1, 0 < β < α, 0 < γ < 1 - α and 0.8 < φ < 0.98.

use anyhow::{Context, Result, ensure};

use super::Trend;
use super::recursion::{State, Weights};
use crate::model::{least_squares, search};
use crate::nn::matrix::dot;

/// α, β/α and γ/(1 - α) lie so far from 0 and 1 at least, as those of statsmodels.
const EDGE: f64 = 1e-4;

/// The least and the most damping.
const DAMPING: [f64; 2] = [0.8, 0.98];

/// Which states there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub trend: Trend,
    /// Steps of a season; 1: there is none.
    pub season: usize,
}

/// Exponential smoothing that was fitted.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    pub weights: Weights,
    /// What is known before the first value.
    pub start: State,
    /// The sum of the squared errors.
    #[cfg(test)]
    pub squares: f64,
}

impl Shape {
    fn has_slope(self) -> bool {
        self.trend != Trend::None
    }

    fn has_season(self) -> bool {
        self.season > 1
    }

    /// How many numbers describe the first states: of the seasonal ones the first is 0, for the level holds what they share.
    fn state_count(self) -> usize {
        self.season + usize::from(self.has_slope())
    }

    /// How many weights are searched for.
    fn weight_count(self) -> usize {
        1 + usize::from(self.has_slope()) + usize::from(self.has_season()) + usize::from(self.trend == Trend::Damped)
    }

    /// So many values tell its states and weights: one more than there are numbers to be found.
    pub(super) fn fewest_values(self) -> usize {
        self.state_count() + self.weight_count() + 1
    }

    /// The weights that stand at a place, each of its numbers from 0 to 1.
    fn weights(self, place: &[f64]) -> Weights {
        let mut place = place.iter().copied();
        let mut next = |[low, high]: [f64; 2]| place.next().map(|share| low + share * (high - low));
        let inside = [EDGE, 1.0 - EDGE];
        let level = next(inside).unwrap_or(EDGE);
        let share = |is_there: bool, next: &mut dyn FnMut([f64; 2]) -> Option<f64>| match is_there {
            true => next(inside).unwrap_or(EDGE),
            false => 0.0,
        };
        Weights {
            level,
            slope: level * share(self.has_slope(), &mut next),
            seasonal: (1.0 - level) * share(self.has_season(), &mut next),
            damping: match self.trend {
                Trend::Damped => next(DAMPING).unwrap_or(DAMPING[1]),
                Trend::None | Trend::Additive => 1.0,
            },
        }
    }

    /// Where the search starts.
    fn starts(self) -> Vec<Vec<f64>> {
        let mut starts = vec![Vec::new()];
        let mut add = |values: &[f64]| {
            let longer = |start: &Vec<f64>| -> Vec<Vec<f64>> {
                values.iter().map(|value| [&start[..], &[*value]].concat()).collect()
            };
            starts = starts.iter().flat_map(longer).collect();
        };
        add(&[0.05, 0.3, 0.6, 0.95]);
        if self.has_slope() {
            add(&[0.02, 0.3]);
        }
        if self.has_season() {
            add(&[0.02, 0.3]);
        }
        if self.trend == Trend::Damped {
            add(&[0.3, 0.9]);
        }
        starts
    }

    /// Fits it to values, oldest first.
    ///
    /// # Errors
    /// When there are too few of them.
    pub(super) fn fit(self, values: &[f64]) -> Result<Fitted> {
        let (needed, count) = (self.fewest_values(), values.len());
        ensure!(
            count >= needed,
            "{count} values are too few for this exponential smoothing, which takes {needed}\n  help: use a longer series, or a shorter `season`"
        );
        let squares = |place: &[f64]| {
            let weights = self.weights(place);
            self.squares(&weights, &self.start(&weights, values), values)
        };
        let found = search::lowest(&self.starts(), squares);
        let (place, _) = found.context("exponential smoothing of these values gives no finite numbers")?;
        let weights = self.weights(&place);
        let start = self.start(&weights, values);
        Ok(Fitted {
            weights,
            #[cfg(test)]
            squares: self.squares(&weights, &start, values),
            start,
        })
    }

    fn squares(self, weights: &Weights, start: &State, values: &[f64]) -> f64 {
        let errors = errors(weights, start.clone(), values.iter().copied());
        dot(&errors, &errors)
    }

    /// The first states with the least squared errors under these weights.
    fn start(self, weights: &Weights, values: &[f64]) -> State {
        let count = self.state_count();
        let state = |numbers: &[f64]| State {
            level: numbers[0],
            slope: if self.has_slope() { numbers[1] } else { 0.0 },
            seasonal: match self.has_season() {
                true => [&[0.0], &numbers[1 + usize::from(self.has_slope())..]].concat(),
                false => Vec::new(),
            },
        };
        // What is missed where all states begin at 0, and how much one more of each changes that.
        let missed = errors(weights, state(&vec![0.0; count]), values.iter().copied());
        let of_number = |number: usize| {
            let mut unit = vec![0.0; count];
            unit[number] = -1.0;
            errors(weights, state(&unit), values.iter().map(|_| 0.0))
        };
        let columns = (0..count).map(of_number).collect();
        let found = least_squares::solve(columns, vec![missed]);
        state(&found[0])
    }
}

fn errors(weights: &Weights, mut state: State, values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut errors = Vec::with_capacity(values.size_hint().0);
    state.run(weights, values, |error| errors.push(error));
    errors
}
