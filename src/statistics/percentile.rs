//! Values in order → what lies below a share of them.

/// A percentile of values that rise, of which there is at least one: straight between two of them, as NumPy's default.
pub(crate) fn percentile(rising: &[f64], percent: f64) -> f64 {
    let place = (rising.len() - 1) as f64 * percent / 100.0;
    let below = rising[place.floor() as usize];
    let above = rising[place.ceil() as usize];
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([-2, 0, 1, 5], [0, 5, 50, 95, 100])  # -2, -1.7, 0.5, 4.4, 5
        let found = [0.0, 5.0, 50.0, 95.0, 100.0].map(|percent| percentile(&[-2.0, 0.0, 1.0, 5.0], percent));
        for (found, expected) in found.iter().zip([-2.0, -1.7, 0.5, 4.4, 5.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
}
