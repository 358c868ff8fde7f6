//! The states of exponential smoothing from step to step (Hyndman et al., 2008, chapter 2).

/// What the states learn from an error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    /// α, of the level.
    pub level: f64,
    /// β, of the slope; 0 without one.
    pub slope: f64,
    /// γ, of the season; 0 without one.
    pub seasonal: f64,
    /// φ, what stays of the slope from step to step; 1 where it goes on.
    pub damping: f64,
}

/// What is known after some steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    /// l
    pub level: f64,
    /// b; 0 without a trend.
    pub slope: f64,
    /// s of the coming step and of those after it, one season long; empty without a season.
    pub seasonal: Vec<f64>,
}

impl State {
    /// Goes on over values y; `each` gets every error e = y - (l + φ b + s).
    ///
    /// l ← l + φ b + α e, b ← φ b + β e, s ← s + γ e
    pub(super) fn run(&mut self, weights: &Weights, values: impl Iterator<Item = f64>, mut each: impl FnMut(f64)) {
        let season = self.seasonal.len();
        let mut place = 0;
        for value in values {
            let slope = weights.damping * self.slope;
            let level = self.level + slope;
            let seasonal = self.seasonal.get(place).copied().unwrap_or(0.0);
            let error = value - (level + seasonal);
            self.level = level + weights.level * error;
            self.slope = slope + weights.slope * error;
            if season > 0 {
                self.seasonal[place] = seasonal + weights.seasonal * error;
                place = (place + 1) % season;
            }
            each(error);
        }
        self.seasonal.rotate_left(place);
    }

    /// The next steps: l + (φ + φ² + … + φʰ) b + s.
    pub(super) fn forecast(&self, weights: &Weights, horizon: usize) -> Vec<f64> {
        let (mut level, mut slope) = (self.level, self.slope);
        let step = |step: usize| {
            slope *= weights.damping;
            level += slope;
            level + self.seasonal.get(step % self.seasonal.len().max(1)).copied().unwrap_or(0.0)
        };
        (0..horizon).map(step).collect()
    }
}
