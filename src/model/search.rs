//! The lowest place of a function of a few numbers from 0 to 1, by the method of Nelder and Mead (1965): the same steps everywhere.

/// Of so many starts the search goes on.
const BEST_STARTS: usize = 2;

/// How far the corners of a simplex are from its first, each time that the search begins again where it ended.
const SIZES: [f64; 3] = [0.1, 0.03, 0.1];

/// The search ends where the corners differ by no more than this share of the value.
const PRECISION: f64 = 1e-13;

/// Steps of one simplex, at most.
const MOST_STEPS: usize = 400;

/// A place and its value.
type Corner = (Vec<f64>, f64);

/// The lowest place that is found from these `starts`, all of one length, with its value; none where it is infinite or no number everywhere.
pub(super) fn lowest(starts: &[Vec<f64>], value: impl Fn(&[f64]) -> f64) -> Option<Corner> {
    let at = |place: Vec<f64>| {
        let found = value(&place);
        (place, if found.is_nan() { f64::INFINITY } else { found })
    };
    let mut corners: Vec<Corner> = starts.iter().cloned().map(at).collect();
    sort(&mut corners);
    corners.truncate(BEST_STARTS);
    for best in &mut corners {
        for size in SIZES {
            *best = simplex(best.clone(), size, &at);
        }
    }
    sort(&mut corners);
    corners.into_iter().next().filter(|(_, value)| value.is_finite())
}

fn sort(corners: &mut [Corner]) {
    corners.sort_by(|a, b| a.1.total_cmp(&b.1));
}

/// One descent from a place.
fn simplex(start: Corner, size: f64, at: &impl Fn(Vec<f64>) -> Corner) -> Corner {
    let moved = |axis: usize| {
        let mut place = start.0.clone();
        place[axis] += if place[axis] > 0.5 { -size } else { size };
        at(place)
    };
    let mut corners: Vec<Corner> = (0..start.0.len()).map(moved).collect();
    corners.push(start);
    let last = corners.len() - 1;
    for _ in 0..MOST_STEPS {
        sort(&mut corners);
        if corners[last].1 - corners[0].1 <= PRECISION * corners[0].1.abs() {
            break;
        }
        let centre = centre(&corners[..last]);
        // The worst corner through the middle of the others: 1 as far behind it, 2 twice, -½ half the way to it.
        let through = |factor: f64| {
            let place = centre.iter().zip(&corners[last].0);
            at(place
                .map(|(centre, worst)| (centre + factor * (centre - worst)).clamp(0.0, 1.0))
                .collect())
        };
        let reflected = through(1.0);
        let next = if reflected.1 < corners[0].1 {
            let further = through(2.0);
            if further.1 < reflected.1 { further } else { reflected }
        } else if reflected.1 < corners[last - 1].1 {
            reflected
        } else {
            let nearer = through(if reflected.1 < corners[last].1 { 0.5 } else { -0.5 });
            if nearer.1 >= reflected.1.min(corners[last].1) {
                shrink(&mut corners, at);
                continue;
            }
            nearer
        };
        corners[last] = next;
    }
    sort(&mut corners);
    corners.swap_remove(0)
}

fn centre(corners: &[Corner]) -> Vec<f64> {
    let count = corners.len() as f64;
    let axes = 0..corners[0].0.len();
    axes.map(|axis| corners.iter().map(|(place, _)| place[axis]).sum::<f64>() / count)
        .collect()
}

/// Every corner goes half the way to the best.
fn shrink(corners: &mut [Corner], at: &impl Fn(Vec<f64>) -> Corner) {
    let (best, others) = corners.split_first_mut().expect("a simplex has corners");
    for corner in others {
        let place = corner.0.iter().zip(&best.0).map(|(own, best)| (own + best) / 2.0);
        *corner = at(place.collect());
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::lowest;

    #[test]
    fn a_bent_valley_and_a_corner_are_found() {
        // Rosenbrock's, with its lowest place at (0.3, 0.09).
        let valley = |x: &[f64]| (0.3 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2) + 2.0;
        let (place, value) = lowest(&[vec![0.9, 0.1], vec![0.5, 0.5], vec![0.1, 0.9]], valley).unwrap();
        assert!((place[0] - 0.3).abs() < 1e-5 && (place[1] - 0.09).abs() < 1e-5, "{place:?}");
        assert!((value - 2.0).abs() < 1e-11);
        let slope = |x: &[f64]| x[0] - 2.0 * x[1] + x[2];
        assert_eq!(lowest(&[vec![0.4, 0.5, 0.6]], slope).unwrap().0, [0.0, 1.0, 0.0]);
        let one = lowest(&[vec![0.2], vec![0.8]], |x| (x[0] - 0.61).abs()).unwrap();
        assert!((one.0[0] - 0.61).abs() < 1e-9, "{one:?}");
    }

    #[test]
    fn what_is_no_number_is_left() {
        let half = |x: &[f64]| if x[0] < 0.5 { f64::NAN } else { x[0] };
        let (place, _) = lowest(&[vec![0.2], vec![0.9]], half).unwrap();
        assert!((place[0] - 0.5).abs() < 1e-6, "{place:?}");
        assert_eq!(lowest(&[vec![0.2]], |_| f64::NAN), None);
    }
}
