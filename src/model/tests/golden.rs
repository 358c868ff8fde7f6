//! The networks against PyTorch's numbers.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor, Var};

use super::of_kind;
use crate::data::Outputs;
use crate::model::{ModelSpec, Network, gru, lstm, lstm_gru};
use crate::nn::Mode;
use crate::nn::golden::{golden, largest, largest_difference};
use crate::nn::optimizer::{Optimizer, OptimizerSpec};
use crate::nn::weights::Weights;

/// A network with the weights that a golden file starts from; `names` leads from our paths to PyTorch's names.
struct Reference {
    numbers: HashMap<String, Tensor>,
    network: Box<dyn Network>,
    variables: Vec<(String, Var)>,
    names: HashMap<String, String>,
}

/// PyTorch's layer name → ours; its recurrent weights end in `_l0`.
fn names(layers: &[(&str, &str)], weights: &[(String, Var)]) -> HashMap<String, String> {
    let name = |path: &String| {
        let (layer, weight) = path.rsplit_once('.').unwrap();
        let (theirs, _) = layers.iter().find(|(_, ours)| *ours == layer).unwrap();
        // "gru/1" is the second of PyTorch's stacked layers.
        let (theirs, number) = theirs.split_once('/').unwrap_or((theirs, "0"));
        let recurrent = weight.ends_with("_ih") || weight.ends_with("_hh");
        let end = if recurrent { format!("_l{number}") } else { String::new() };
        format!("{theirs}.{weight}{end}")
    };
    weights.iter().map(|(path, _)| (path.clone(), name(path))).collect()
}

impl Reference {
    fn new(numbers: HashMap<String, Tensor>, spec: ModelSpec, layers: &[(&str, &str)]) -> anyhow::Result<Self> {
        let weights = Weights::drawn(0, &Device::Cpu);
        let (y, sample) = (numbers["y"].dims(), &numbers["x"].dims()[1..]);
        let outputs = Outputs {
            steps: y[1],
            // [batch, step], or [batch, step, column] of all columns.
            targets: (0..*y.get(2).unwrap_or(&1)).map(Some).collect(),
        };
        let network = spec.build(sample, &outputs, &weights)?;
        let variables = weights.variables();
        let names = names(layers, &variables);
        for (path, variable) in &variables {
            variable.set(&numbers[&format!("init.{}", names[path])])?;
        }
        let theirs = numbers.keys().filter(|name| name.starts_with("init.")).count();
        assert_eq!(theirs, variables.len(), "PyTorch has other weights");
        Ok(Self {
            numbers,
            network,
            variables,
            names,
        })
    }

    fn holds(&self) -> anyhow::Result<()> {
        let flat = |name: &str| self.numbers[name].flatten_from(1);
        let (x, y, first) = (&self.numbers["x"], &flat("y")?, &flat("pred0")?);
        let losses: Vec<f32> = self.numbers["losses"].to_vec1()?;
        let adam = OptimizerSpec::from_name("adam").unwrap();
        let mut optimizer = Optimizer::new(&adam, 1e-3, self.variables.clone())?;
        for (step, &expected) in losses.iter().enumerate() {
            let predicted = self.network.forward(x, Mode::Evaluate)?;
            let loss = (&predicted - y)?.sqr()?.mean_all()?;
            let gradients = loss.backward()?;
            if step == 0 {
                assert!(largest_difference(&predicted, first)? < 1e-5);
                for (path, variable) in &self.variables {
                    let expected = &self.numbers[&format!("grad.{}", self.names[path])];
                    let found = largest_difference(gradients.get(variable).unwrap(), expected)?;
                    assert!(found <= 1e-4 * largest(expected)?, "gradient of {path}");
                }
            }
            let loss = loss.to_scalar::<f32>()?;
            assert!((loss - expected).abs() <= 1e-4 * expected, "loss of step {step}");
            optimizer.step(&gradients)?;
        }
        for (path, variable) in &self.variables {
            let expected = &self.numbers[&format!("final.{}", self.names[path])];
            let norm = |tensor: &Tensor| -> Result<f32> { tensor.sqr()?.sum_all()?.sqrt()?.to_scalar() };
            let far = norm(&(variable.as_tensor() - expected)?)?;
            assert!(far <= 1e-3 * norm(expected)?, "final {path}");
        }
        Ok(())
    }
}

/// Width of a layer's hidden state, or of its output.
fn width(numbers: &HashMap<String, Tensor>, weight: &str, axis: usize) -> usize {
    numbers[&format!("init.{weight}")].dims()[axis]
}

#[test]
fn golden_torch_lstm() -> anyhow::Result<()> {
    let numbers = golden("torch_lstm");
    let spec = lstm::LstmSpec {
        hidden: vec![width(&numbers, "lstm.weight_hh_l0", 1)],
        dropout: 0.0,
        dense: vec![width(&numbers, "fc.weight", 0)],
    };
    let layers = [("lstm", "lstm.0"), ("fc", "dense.0"), ("head", "output")];
    Reference::new(numbers, ModelSpec::Lstm(spec), &layers)?.holds()
}

#[test]
fn golden_torch_hybrid() -> anyhow::Result<()> {
    let numbers = golden("torch_hybrid");
    let spec = lstm_gru::LstmGruSpec {
        lstm: vec![
            width(&numbers, "lstm1.weight_hh_l0", 1),
            width(&numbers, "lstm2.weight_hh_l0", 1),
        ],
        gru: vec![width(&numbers, "gru.weight_hh_l0", 1)],
        dropout: 0.0,
        dense: vec![width(&numbers, "fc1.weight", 0)],
    };
    let layers = [
        ("lstm1", "lstm.0"),
        ("lstm2", "lstm.1"),
        ("gru", "gru.0"),
        ("fc1", "lstm_dense.0"),
        ("fc2", "gru_dense.0"),
        ("fc3", "output"),
    ];
    Reference::new(numbers, ModelSpec::LstmGru(spec), &layers)?.holds()
}

#[test]
fn golden_torch_gru() -> anyhow::Result<()> {
    let numbers = golden("torch_gru");
    let spec = gru::GruSpec {
        hidden: vec![width(&numbers, "gru.weight_hh_l0", 1), width(&numbers, "gru.weight_hh_l1", 1)],
        dropout: 0.0,
        dense: vec![],
    };
    let layers = [("gru", "gru.0"), ("gru/1", "gru.1"), ("head", "output")];
    Reference::new(numbers, ModelSpec::Gru(spec), &layers)?.holds()
}

#[test]
fn golden_torch_nlinear() -> anyhow::Result<()> {
    let numbers = golden("torch_nlinear");
    Reference::new(numbers, of_kind("nlinear", ""), &[("Linear", "linear")])?.holds()
}

#[test]
fn golden_torch_dlinear() -> anyhow::Result<()> {
    let numbers = golden("torch_dlinear");
    let layers = [("Linear_Seasonal", "remainder"), ("Linear_Trend", "trend")];
    Reference::new(numbers, of_kind("dlinear", ""), &layers)?.holds()
}
