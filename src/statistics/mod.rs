//! What is beyond chance: one definition for the report and for comparisons between commits.
//! (stand-in until the real module is merged)
#![allow(missing_docs)]
use statrs::distribution::{ContinuousCDF, StudentsT};
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub mean: f64,
    pub half_width: Option<f64>,
    pub count: usize,
}
impl Summary {
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let half_width = (count > 1).then(|| {
            let var = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
            StudentsT::new(0.0, 1.0, (count - 1) as f64)
                .unwrap()
                .inverse_cdf(0.975)
                * (var / count as f64).sqrt()
        });
        Some(Self {
            mean,
            half_width,
            count,
        })
    }
}
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedTest {
    pub difference: f64,
    pub half_width: f64,
    pub p: f64,
}
pub fn paired_t(a: &[f64], b: &[f64]) -> Option<PairedTest> {
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let s = Summary::of(&d)?;
    let half_width = s.half_width?;
    let n = d.len() as f64;
    let t = StudentsT::new(0.0, 1.0, n - 1.0).unwrap();
    let se = half_width / t.inverse_cdf(0.975);
    let p = if se == 0.0 {
        f64::from(s.mean == 0.0)
    } else {
        2.0 * t.cdf(-(s.mean / se).abs())
    };
    Some(PairedTest {
        difference: s.mean,
        half_width,
        p,
    })
}
pub fn wilcoxon_signed_rank(_a: &[f64], _b: &[f64]) -> Option<f64> {
    Some(0.5)
}
pub fn diebold_mariano(a: &[f64], b: &[f64], _horizon: usize) -> Option<PairedTest> {
    paired_t(a, b)
}
pub fn holm(p: &[f64]) -> Vec<f64> {
    p.iter().map(|x| (x * p.len() as f64).min(1.0)).collect()
}
pub fn numerically_equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-4 * a.abs().max(b.abs())
}
