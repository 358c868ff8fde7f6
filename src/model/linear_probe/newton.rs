//! Newton's method for the penalised logistic regression. There are more features than examples, so it works on one number for
//! each example: the best w is Σ aᵢ zᵢ (as Rasmussen and Williams, 2006, section 3.4, there without intercept).

use anyhow::{Result, bail, ensure};

use super::logistic;
use crate::nn::matrix::dot;

/// Largest norm of the gradient at the end.
const TOLERANCE: f64 = 1e-6;
/// Newton's steps at most; a handful is enough.
const STEPS: usize = 100;
/// Halvings of one step at most.
const HALVINGS: usize = 40;

/// What is minimised, as a function of one share for each example and of the intercept.
pub(super) struct Problem {
    /// Scalar products of all pairs of examples.
    products: Vec<Vec<f64>>,
    truth: Vec<f64>,
    penalty: f64,
}

/// A place where the function can be looked at: w = Σ shareᵢ zᵢ and b.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) shares: Vec<f64>,
    pub(super) intercept: f64,
}

impl Problem {
    pub(super) fn new(rows: &[Vec<f64>], truth: Vec<f64>, penalty: f64) -> Self {
        let mut products = vec![vec![0.0; rows.len()]; rows.len()];
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows[..=i].iter().enumerate() {
                let product = dot(a, b);
                products[i][j] = product;
                products[j][i] = product;
            }
        }
        Self {
            products,
            truth,
            penalty,
        }
    }

    /// The place where the function is smallest.
    ///
    /// # Errors
    /// When the numbers are too extreme for the fit to converge.
    pub(super) fn solved(&self) -> Result<Place> {
        let mut place = Place {
            shares: vec![0.0; self.truth.len()],
            intercept: 0.0,
        };
        for _ in 0..STEPS {
            if self.gradient_norm(&place) <= TOLERANCE {
                return Ok(place);
            }
            let aim = self.newton(&place)?;
            place = self.towards(place, &aim);
        }
        bail!(
            "the linear probe's fit did not converge; raise `penalty`, now {}",
            self.penalty
        )
    }

    /// The logit of each example.
    fn logits(&self, place: &Place) -> Vec<f64> {
        let logit = |row: &Vec<f64>| dot(row, &place.shares) + place.intercept;
        self.products.iter().map(logit).collect()
    }

    fn value(&self, place: &Place) -> f64 {
        let logits = self.logits(place);
        let loss = |(&logit, truth): (&f64, &f64)| logit.max(0.0) - logit * truth + libm::log1p(libm::exp(-logit.abs()));
        let loss: f64 = logits.iter().zip(&self.truth).map(loss).sum();
        // |w|² is the sum of shares times logits without intercept.
        let square: f64 = logits
            .iter()
            .zip(&place.shares)
            .map(|(logit, share)| (logit - place.intercept) * share)
            .sum();
        loss + self.penalty / 2.0 * square
    }

    /// Norm of the gradient with respect to w and b.
    fn gradient_norm(&self, place: &Place) -> f64 {
        let slopes = self.slopes(&self.logits(place));
        let rest: Vec<f64> = place
            .shares
            .iter()
            .zip(&slopes)
            .map(|(share, slope)| self.penalty * share - slope)
            .collect();
        let of_weights: f64 = self
            .products
            .iter()
            .zip(&rest)
            .map(|(row, rest_i)| dot(row, &rest) * rest_i)
            .sum();
        let of_intercept: f64 = slopes.iter().sum();
        (of_weights.max(0.0) + of_intercept * of_intercept).sqrt()
    }

    /// y - p of each example.
    fn slopes(&self, logits: &[f64]) -> Vec<f64> {
        let truth = self.truth.iter().zip(logits);
        truth.map(|(truth, &logit)| truth - logistic(logit)).collect()
    }

    /// The smallest place of the quadratic that touches the function here. With K the scalar products, W = p (1 - p) and u = W
    /// (logits) + y - p it solves (penalty I + W K) a = u - b W 1 and Σ a = 0.
    fn newton(&self, place: &Place) -> Result<Place> {
        let logits = self.logits(place);
        let weights: Vec<f64> = logits.iter().map(|&logit| logistic(logit) * logistic(-logit)).collect();
        let slopes = self.slopes(&logits);
        let right: Vec<f64> = (0..logits.len()).map(|i| weights[i] * logits[i] + slopes[i]).collect();
        let roots: Vec<f64> = weights.iter().map(|weight| weight.sqrt()).collect();
        let factor = self.factor(&roots)?;
        // (penalty I + W K)⁻¹ r = (r - S B⁻¹ S K r) / penalty with S = √W and B = penalty I + S K S.
        let solve = |right: &[f64]| -> Vec<f64> {
            let inner = self.products.iter().zip(&roots);
            let inner = inner.map(|(row, root)| root * dot(row, right)).collect();
            let inner = solve_factored(&factor, inner);
            (0..right.len())
                .map(|i| (right[i] - roots[i] * inner[i]) / self.penalty)
                .collect()
        };
        let (of_right, of_weights) = (solve(&right), solve(&weights));
        let intercept = of_right.iter().sum::<f64>() / of_weights.iter().sum::<f64>();
        let shares = of_right.iter().zip(&of_weights);
        Ok(Place {
            shares: shares.map(|(a, w)| a - intercept * w).collect(),
            intercept,
        })
    }

    /// L with L Lᵀ = penalty I + S K S (Cholesky).
    fn factor(&self, roots: &[f64]) -> Result<Vec<Vec<f64>>> {
        let mut factor: Vec<Vec<f64>> = Vec::with_capacity(roots.len());
        for (i, row) in self.products.iter().enumerate() {
            let mut new = Vec::with_capacity(i + 1);
            for j in 0..=i {
                let mut rest = roots[i] * row[j] * roots[j];
                if i == j {
                    rest += self.penalty - dot(&new, &new);
                    ensure!(
                        rest > 0.0,
                        "the linear probe's features are too large for its penalty {}; raise it",
                        self.penalty
                    );
                    new.push(rest.sqrt());
                } else {
                    let other = &factor[j];
                    new.push((rest - dot(&new, &other[..j])) / other[j]);
                }
            }
            factor.push(new);
        }
        Ok(factor)
    }

    /// The whole way from `place` to `aim`, or as much of it as does not climb.
    fn towards(&self, place: Place, aim: &Place) -> Place {
        let start = self.value(&place);
        let allowed = start + 1e-12 * start.abs();
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let between = |from: f64, to: f64| from + share * (to - from);
            let shares = place.shares.iter().zip(&aim.shares);
            let tried = Place {
                shares: shares.map(|(&from, &to)| between(from, to)).collect(),
                intercept: between(place.intercept, aim.intercept),
            };
            if self.value(&tried) <= allowed {
                return tried;
            }
            share /= 2.0;
        }
        place
    }
}

/// Solves L Lᵀ x = right.
fn solve_factored(factor: &[Vec<f64>], right: Vec<f64>) -> Vec<f64> {
    let mut x = right;
    for (i, row) in factor.iter().enumerate() {
        x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
    }
    for (i, row) in factor.iter().enumerate().rev() {
        x[i] /= row[i];
        let solved = x[i];
        for (number, factor) in x[..i].iter_mut().zip(row) {
            *number -= factor * solved;
        }
    }
    x
}
