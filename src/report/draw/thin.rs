//! Long curves → what can be seen of them: a few hundred points, every peak and valley kept.

/// Points of a curve that can be told apart in a drawing.
pub(crate) const LIMIT: usize = 400;

/// Which positions of equally long curves to keep, ascending: at most `limit`, with the first and the last, and of each
/// stretch between them every curve's lowest and highest value. The same positions serve all curves, so that they can
/// stand in one table. Values that are not finite are never an extreme.
pub(crate) fn kept(curves: &[&[f64]], limit: usize) -> Vec<usize> {
    let length = curves.iter().map(|curve| curve.len()).max().unwrap_or(0);
    if length <= limit {
        return (0..length).collect();
    }
    let stretches = (limit.saturating_sub(2) / (2 * curves.len())).max(1);
    let inner = length - 2;
    let mut positions = vec![0, length - 1];
    for stretch in 0..stretches {
        let from = 1 + stretch * inner / stretches;
        let to = 1 + (stretch + 1) * inner / stretches;
        for curve in curves {
            let finite = || (from..to.min(curve.len())).filter(|&i| curve[i].is_finite());
            positions.extend(finite().min_by(|&a, &b| curve[a].total_cmp(&curve[b])));
            positions.extend(finite().max_by(|&a, &b| curve[a].total_cmp(&curve[b])));
        }
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_curve_is_kept_whole() {
        assert_eq!(kept(&[&[1.0, 2.0, 3.0]], 3), [0, 1, 2]);
        assert!(kept(&[], 400).is_empty());
    }

    #[test]
    fn extremes_and_ends_of_every_curve_survive() {
        let wave: Vec<f64> = (0..5000).map(|i| ((i * 7919) % 5003) as f64).collect();
        let mut spike = vec![0.0; 5000];
        spike[4321] = -1.0;
        spike[17] = f64::NAN;
        let positions = kept(&[&wave, &spike], LIMIT);
        assert!(positions.len() <= LIMIT);
        let extreme = |better: fn(f64, f64) -> bool| {
            (0..wave.len())
                .reduce(|a, b| if better(wave[b], wave[a]) { b } else { a })
                .into_iter()
                .all(|i| positions.contains(&i))
        };
        assert!(extreme(|a, b| a < b) && extreme(|a, b| a > b));
        assert!(positions.contains(&4321));
        assert_eq!((positions[0], positions[positions.len() - 1]), (0, 4999));
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
