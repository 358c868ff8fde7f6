//! Initial weights: each is drawn from its own stream, named by the cell's seed and its path, so that adding a layer leaves
//! the others' weights unchanged and no map's order matters.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use candle_core::{DType, Device, Result, Tensor, Var};

use crate::rng;

/// Bumped when the same seed would give other initial weights.
pub const VERSION: u32 = 1;

/// How a weight starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// The same number everywhere.
    Constant(f32),
    /// Uniform in [-bound, bound); PyTorch's recurrent and linear layers.
    Uniform {
        /// Largest magnitude.
        bound: f32,
    },
}

/// The variables of one network, made on first request below a path.
#[derive(Clone)]
pub struct Weights {
    variables: Rc<RefCell<BTreeMap<String, Var>>>,
    path: String,
    numbers: Numbers,
    device: Device,
}

/// What the weights hold.
#[derive(Clone, Copy)]
enum Numbers {
    /// Draws of that seed.
    Drawn(u64),
    /// Nothing: shapes alone, in no memory.
    Outline,
}

impl Weights {
    /// An empty set on `device`, to be drawn from `seed`.
    pub fn drawn(seed: u64, device: &Device) -> Self {
        Self {
            variables: Rc::default(),
            path: String::new(),
            numbers: Numbers::Drawn(seed),
            device: device.clone(),
        }
    }

    /// A set of shapes without numbers, for the summary of a network: however wide it is, it takes no memory.
    pub fn outline() -> Self {
        Self {
            numbers: Numbers::Outline,
            ..Self::drawn(0, &Device::Cpu)
        }
    }

    /// The same set, one level deeper: `weights.below("head")` names `head.weight`.
    pub fn below(&self, name: &str) -> Self {
        Self {
            path: self.full(name),
            ..self.clone()
        }
    }

    /// The path of `name` here, as in `lstm.0.weight_ih`.
    pub fn full(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The device that holds the weights.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// A trained weight of that shape, drawn now; of an outline, zeros that take no memory.
    ///
    /// # Errors
    /// When a weight of that path was made before, or the device refuses.
    pub fn make(&self, name: &str, shape: &[usize], init: Init) -> Result<Tensor> {
        let path = self.full(name);
        let Numbers::Drawn(seed) = self.numbers else {
            return Tensor::zeros((), DType::F32, &self.device)?.broadcast_as(shape);
        };
        let count = shape.iter().product();
        let numbers: Vec<f32> = match init {
            Init::Constant(number) => vec![number; count],
            Init::Uniform { bound } => {
                let mut stream = rng::stream(seed, &format!("init/{path}"), 0, 0);
                (0..count)
                    .map(|_| (2.0 * stream.uniform_f32() - 1.0) * bound)
                    .collect()
            }
        };
        let variable = Var::from_tensor(&Tensor::from_vec(numbers, shape, &self.device)?)?;
        let tensor = variable.as_tensor().clone();
        if self
            .variables
            .borrow_mut()
            .insert(path.clone(), variable)
            .is_some()
        {
            candle_core::bail!("the weight {path} was made twice");
        }
        Ok(tensor)
    }

    /// Every variable with its path, in the order of the paths.
    pub fn variables(&self) -> Vec<(String, Var)> {
        self.variables
            .borrow()
            .iter()
            .map(|(path, var)| (path.clone(), var.clone()))
            .collect()
    }
}
