//! Optimizers against steps worked by hand, against Keras, and against themselves after an interruption.

use candle_core::Device;

use super::*;
use crate::kind::Kinds;
use crate::nn::golden::{golden, largest_difference};

fn variable(numbers: &[f32]) -> Result<Var> {
    Var::from_tensor(&Tensor::new(numbers, &Device::Cpu)?)
}

fn named(kind: &str) -> OptimizerSpec {
    OptimizerSpec::from_name(kind).unwrap()
}

fn momentum() -> OptimizerSpec {
    OptimizerSpec::Sgd(sgd::SgdSpec { momentum: 0.9 })
}

/// One step on Σ a x², gradient 2 a x.
fn descend(optimizer: &mut Optimizer, x: &Var, a: &Tensor) -> Result<()> {
    optimizer.step(&(x.sqr()? * a)?.sum_all()?.backward()?)
}

/// Two steps from x = 2 on x², so the gradients are 4 and twice what the first step left.
fn two_steps(spec: &OptimizerSpec) -> Result<(f64, f64)> {
    let x = variable(&[2.0])?;
    let one = Tensor::new(&[1f32], &Device::Cpu)?;
    let mut optimizer = Optimizer::new(spec, 0.1, vec![("x".to_owned(), x.clone())])?;
    let mut after = || -> Result<f64> {
        descend(&mut optimizer, &x, &one)?;
        Ok(f64::from(x.to_vec1::<f32>()?[0]))
    };
    Ok((after()?, after()?))
}

fn close(found: (f64, f64), by_hand: (f64, f64)) {
    let far = (found.0 - by_hand.0).abs().max((found.1 - by_hand.1).abs());
    assert!(far < 1e-6, "{found:?}, by hand {by_hand:?}");
}

#[test]
fn steps_are_those_worked_by_hand() -> Result<()> {
    // 2 - 0.1 · 4 = 1.6; 1.6 - 0.1 · 3.2 = 1.28
    close(two_steps(&named("sgd"))?, (1.6, 1.28));
    // velocity 4, then 0.9 · 4 + 3.2 = 6.8
    close(two_steps(&momentum())?, (1.6, 0.92));
    // The first step of Adam is the learning rate: 1.9. Then the gradient is 3.8, the mean (0.09 · 4 + 0.1 · 3.8) / 0.19 and
    // the mean square (0.000999 · 16 + 0.001 · 14.44) / 0.001999.
    let mean = (0.09 * 4.0 + 0.1 * 3.8) / 0.19;
    let square: f64 = (0.000_999 * 16.0 + 0.001 * 14.44) / 0.001_999;
    close(two_steps(&named("adam"))?, (1.9, 1.9 - 0.1 * mean / square.sqrt()));
    // RMSprop: 0.1 · 4 / √1.6, then with the mean square 0.9 · 1.6 + 0.1 · g²
    let first = 2.0 - 0.1 * 4.0 / (1.6f64 + 1e-7).sqrt();
    let square = 0.9 * 1.6 + 0.1 * (2.0 * first).powi(2);
    let second = first - 0.1 * 2.0 * first / (square + 1e-7).sqrt();
    close(two_steps(&named("rmsprop"))?, (first, second));
    Ok(())
}

#[test]
fn golden_keras_rmsprop() -> Result<()> {
    let golden = golden("keras_rmsprop");
    let x = Var::from_tensor(&golden["init"])?;
    let variables = vec![("x".to_owned(), x.clone())];
    let mut optimizer = Optimizer::new(&named("rmsprop"), 1e-3, variables)?;
    for _ in 0..20 {
        descend(&mut optimizer, &x, &golden["a"])?;
    }
    assert!(largest_difference(&x, &golden["after20"])? < 1e-5);
    Ok(())
}

#[test]
fn an_interrupted_training_ends_in_the_same_bytes() -> Result<()> {
    let a = Tensor::new(&[0.3f32, 1.0, 4.0], &Device::Cpu)?;
    let all = OptimizerSpec::kinds().into_iter().map(named);
    for spec in all.chain([momentum()]) {
        let start = [1.0, -2.0, 3.0];
        let make = |x: &Var| Optimizer::new(&spec, 0.01, vec![("x".to_owned(), x.clone())]);
        let whole = variable(&start)?;
        let mut optimizer = make(&whole)?;
        for _ in 0..10 {
            descend(&mut optimizer, &whole, &a)?;
        }

        let first = variable(&start)?;
        let mut optimizer = make(&first)?;
        for _ in 0..4 {
            descend(&mut optimizer, &first, &a)?;
        }
        let state = optimizer.state()?;
        let second = variable(&first.to_vec1::<f32>()?)?;
        descend(&mut optimizer, &first, &a)?; // must not change what was saved
        let mut optimizer = make(&second)?;
        optimizer.restore(&state)?;
        for _ in 0..6 {
            descend(&mut optimizer, &second, &a)?;
        }
        assert_eq!(whole.to_vec1::<f32>()?, second.to_vec1::<f32>()?, "{spec:?}");
    }
    Ok(())
}

#[test]
fn a_state_of_another_optimizer_is_refused() -> Result<()> {
    let make = |kind| Optimizer::new(&named(kind), 0.1, vec![("x".to_owned(), variable(&[1.0])?)]);
    let state = make("rmsprop")?.state()?;
    let error = make("adam")?.restore(&state).unwrap_err().to_string();
    assert!(error.contains("lacks mean.x"), "{error}");
    Ok(())
}

#[test]
fn in_place_and_composed_steps_agree() -> Result<()> {
    let all = OptimizerSpec::kinds().into_iter().map(named);
    for spec in all.chain([momentum()]) {
        let (one, other) = (variable(&[1.0, -2.0, 0.5])?, variable(&[1.0, -2.0, 0.5])?);
        let memories = || (0..spec.memories().len()).map(|_| variable(&[0.0; 3])).collect();
        let (of_one, of_other): (Result<Vec<Var>>, Result<Vec<Var>>) = (memories(), memories());
        let (of_one, of_other) = (of_one?, of_other?);
        for step in 1..=5 {
            let gradient = (one.as_tensor() * 2.0)?;
            let moving = |variable, memories| Moving {
                variable,
                gradient: &gradient,
                memories,
            };
            rule::step(&*spec, 0.1, step, &moving(&one, &of_one))?;
            spec.composed(0.1, step, &moving(&other, &of_other))?;
            assert!(largest_difference(&one, &other)? < 1e-6, "{spec:?}");
        }
    }
    Ok(())
}

#[test]
fn every_kind_has_defaults_that_a_table_gives_too() {
    for kind in OptimizerSpec::kinds() {
        let table: OptimizerSpec = toml::from_str(&format!("kind = \"{kind}\"")).unwrap();
        assert_eq!(OptimizerSpec::from_name(kind), Some(table));
    }
    assert_eq!(OptimizerSpec::from_name("adma"), None);
}
