//! The regression against scikit-learn's numbers.

use super::*;

const LABELS: [u8; 8] = [0, 1, 1, 0, 1, 0, 0, 1];

/// (7 i + 3 j + i²) mod 11 + ((i j) mod 3) / 2
fn features(width: usize) -> Vec<Vec<f32>> {
    let number = |i: usize, j: usize| ((7 * i + 3 * j + i * i) % 11) as f32 + 0.5 * ((i * j) % 3) as f32;
    (0..8).map(|i| (0..width).map(|j| number(i, j)).collect()).collect()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }
}

// scikit-learn 1.9.1, with n = 8, y = LABELS and (d, penalty) = (3, 1) and (12, 0.5):
//
// x = np.array([[(7*i+3*j+i*i) % 11 + 0.5*((i*j) % 3) for j in range(d)] for i in range(n)])
// s = StandardScaler().fit(x)
// m = LogisticRegression(C=1/penalty, tol=1e-12, max_iter=100000).fit(s.transform(x), y)
// m.coef_, m.intercept_, m.predict_proba(s.transform(x))[:, 1]
#[test]
fn few_features_give_scikit_learn_s_numbers() {
    let (features, spec) = (features(3), LinearProbeSpec { penalty: 1.0 });
    let probe = LinearProbe::fit(&features, &LABELS, &spec).unwrap();
    let expected = [0.697_010_224_390_725_7, 0.275_961_137_418_385_1, 0.548_026_576_405_677];
    close(probe.coefficients(), &expected);
    close(&[probe.intercept()], &[0.012_080_071_548_904_163]);
    close(&[probe.score(&[1.0; 3])], &[0.140_344_04]);
}

#[test]
fn more_features_than_examples_give_scikit_learn_s_numbers() {
    let (features, spec) = (features(12), LinearProbeSpec { penalty: 0.5 });
    let probe = LinearProbe::fit(&features, &LABELS, &spec).unwrap();
    let scores: Vec<f64> = features.iter().map(|row| probe.score(row)).collect();
    let expected = [
        0.365_919_734_689_536_8,
        0.675_473_131_242_640_1,
        0.855_363_742_597_291_9,
        0.437_101_423_283_477_7,
        0.607_357_418_787_883_5,
        0.066_646_858_629_832_9,
        0.084_728_860_826_036_3,
        0.907_408_847_128_534_6,
    ];
    close(&scores, &expected);
    close(&[probe.intercept()], &[-0.074_108_557_728]);
}

#[test]
fn a_feature_that_never_changes_counts_for_nothing() {
    let (plain, spec) = (features(3), LinearProbeSpec { penalty: 1.0 });
    let constant = |row: &Vec<f32>| [row.as_slice(), &[0.1]].concat();
    let with_constant: Vec<Vec<f32>> = plain.iter().map(constant).collect();
    let probe = LinearProbe::fit(&with_constant, &LABELS, &spec).unwrap();
    let other = LinearProbe::fit(&plain, &LABELS, &spec).unwrap();
    assert!(probe.coefficients()[3].abs() < 1e-12);
    close(&probe.coefficients()[..3], other.coefficients());
}

#[test]
fn separable_examples_converge_where_the_penalty_is_small() {
    let features = [vec![-1.0], vec![-2.0], vec![30.0]];
    let spec = LinearProbeSpec { penalty: 1e-6 };
    let probe = LinearProbe::fit(&features, &[0, 0, 1], &spec).unwrap();
    assert!(probe.score(&[-1.0]) < 1e-3 && probe.score(&[30.0]) > 0.999);
}

#[test]
fn what_cannot_be_fitted_is_an_error() {
    let spec = LinearProbeSpec { penalty: 1.0 };
    let error = |features: &[Vec<f32>], labels: &[u8]| {
        let fitted = LinearProbe::fit(features, labels, &spec);
        fitted.unwrap_err().to_string()
    };
    assert!(error(&[vec![1.0], vec![2.0]], &[0, 0]).contains("class 1"));
    assert!(error(&[], &[]).contains("class 0"));
    assert!(error(&[vec![1.0], vec![f32::NAN]], &[0, 1]).contains("finite"));
    assert!(error(&[vec![1.0], vec![]], &[0, 1]).contains("differ"));
}
