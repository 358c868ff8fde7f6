//! Initial weights: each is drawn from its own stream, named by the cell's seed and its path, so that adding a layer leaves
//! the others' weights unchanged and no map's order matters.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use candle_core::{DType, Device, Result, Tensor, Var};

use super::matrix::dot;
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
    /// Uniform within ±√(6 / (fan in + fan out)) (Glorot and Bengio, 2010); Keras's kernels.
    GlorotUniform {
        /// Numbers that one output is made of; of a convolution, pixels of the kernel times channels.
        fan_in: usize,
        /// Outputs that one number goes into; of a convolution, pixels of the kernel times channels.
        fan_out: usize,
    },
    /// Orthonormal columns, or rows where there are fewer of them, of the matrix [all axes but the last, last axis]
    /// (Saxe et al., 2014); Keras's recurrent kernels.
    Orthogonal,
    /// As many equal blocks along the only axis as there are numbers, each holding its own; a bias with ones at one gate.
    Blocks(&'static [f32]),
}

impl Init {
    /// The numbers of a weight of that shape, row by row, by the weight's own stream of chance.
    fn numbers(self, shape: &[usize], stream: &mut rng::Stream) -> Vec<f32> {
        let count = shape.iter().product();
        let mut uniform = |bound: f32| {
            let draw = |_| (2.0 * stream.uniform_f32() - 1.0) * bound;
            (0..count).map(draw).collect()
        };
        match self {
            Self::Constant(number) => vec![number; count],
            Self::Uniform { bound } => uniform(bound),
            Self::GlorotUniform { fan_in, fan_out } => uniform((6.0 / (fan_in + fan_out) as f64).sqrt() as f32),
            Self::Orthogonal => {
                let columns = shape.last().copied().unwrap_or(1);
                orthogonal(count / columns.max(1), columns, stream)
            }
            Self::Blocks(blocks) => {
                let block = count / blocks.len();
                let blocks = blocks.iter();
                blocks.flat_map(|&number| vec![number; block]).collect()
            }
        }
    }
}

/// The variables of one network, made on first request below a path.
#[derive(Clone)]
pub struct Weights {
    variables: Rc<RefCell<BTreeMap<String, (Var, Role)>>>,
    path: String,
    numbers: Numbers,
    device: Device,
}

/// Who changes a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The optimizer.
    Trained,
    /// The layer itself.
    Statistic,
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
        let mut stream = rng::stream(seed, &format!("init/{path}"), 0, 0);
        let numbers = init.numbers(shape, &mut stream);
        let variable = Var::from_tensor(&Tensor::from_vec(numbers, shape, &self.device)?)?;
        let tensor = variable.as_tensor().clone();
        self.keep(path, variable, Role::Trained)?;
        Ok(tensor)
    }

    /// A statistic of that shape, `number` everywhere at first: the layer sets it while it trains, no optimizer moves it, and
    /// it is saved with the weights. Of an outline, one that takes no memory.
    ///
    /// # Errors
    /// When a weight of that path was made before, or the device refuses.
    pub fn make_statistic(&self, name: &str, shape: &[usize], number: f32) -> Result<Var> {
        let Numbers::Drawn(_) = self.numbers else {
            return Var::zeros(0, DType::F32, &self.device);
        };
        let variable = Var::from_tensor(&Tensor::full(number, shape, &self.device)?)?;
        self.keep(self.full(name), variable.clone(), Role::Statistic)?;
        Ok(variable)
    }

    fn keep(&self, path: String, variable: Var, role: Role) -> Result<()> {
        let mut variables = self.variables.borrow_mut();
        if variables.insert(path.clone(), (variable, role)).is_some() {
            candle_core::bail!("the weight {path} was made twice");
        }
        Ok(())
    }

    /// Every trained variable with its path, in the order of the paths: what an optimizer moves.
    pub fn variables(&self) -> Vec<(String, Var)> {
        self.of(|role| role == Role::Trained)
    }

    /// Every variable with its path, statistics included, in the order of the paths: what is saved and restored.
    pub fn all(&self) -> Vec<(String, Var)> {
        self.of(|_| true)
    }

    fn of(&self, wanted: fn(Role) -> bool) -> Vec<(String, Var)> {
        let variables = self.variables.borrow();
        let wanted = variables.iter().filter(|(_, (_, role))| wanted(*role));
        wanted.map(|(path, (variable, _))| (path.clone(), variable.clone())).collect()
    }
}

/// A matrix [rows, columns] whose columns are orthonormal, or whose rows are where there are fewer: Q of the decomposition
/// Q R of a matrix of normal numbers, with the signs that make R's diagonal positive. In f64, as Gram and Schmidt's modified
/// process, which gives these signs.
fn orthogonal(rows: usize, columns: usize, stream: &mut rng::Stream) -> Vec<f32> {
    let (length, count) = (rows.max(columns), rows.min(columns));
    let mut vectors: Vec<Vec<f64>> = vec![vec![0.0; length]; count];
    for row in 0..length {
        for vector in &mut vectors {
            vector[row] = stream.normal();
        }
    }
    for at in 0..count {
        let (before, rest) = vectors.split_at_mut(at);
        let vector = &mut rest[0];
        for other in before.iter() {
            let share = dot(other, vector);
            for (number, other) in vector.iter_mut().zip(other) {
                *number -= share * other;
            }
        }
        let norm = dot(vector, vector).sqrt();
        vector.iter_mut().for_each(|number| *number /= norm);
    }
    // The vectors are columns, or rows where there are fewer of them.
    if rows < columns {
        return vectors.concat().iter().map(|&x| x as f32).collect();
    }
    let row = |row: usize| vectors.iter().map(move |vector| vector[row] as f32);
    (0..rows).flat_map(row).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn made(shape: &[usize], init: Init) -> Vec<f32> {
        let weights = Weights::drawn(4, &Device::Cpu);
        let tensor = weights.make("w", shape, init).unwrap();
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    /// The largest difference between m mᵀ and one, for m [rows, columns] with element `at(row, column)`.
    fn far_from_orthonormal(rows: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> f32 {
        let mut largest: f32 = 0.0;
        for a in 0..rows {
            for b in 0..rows {
                let sum: f32 = (0..columns).map(|c| at(a, c) * at(b, c)).sum();
                let one = if a == b { 1.0 } else { 0.0 };
                largest = largest.max((sum - one).abs());
            }
        }
        largest
    }

    #[test]
    fn an_orthogonal_weight_has_orthonormal_columns_or_rows() {
        let tall = made(&[3, 3, 4, 16], Init::Orthogonal);
        assert!(far_from_orthonormal(16, 36, |a, c| tall[c * 16 + a]) < 1e-5);
        let wide = made(&[1, 1, 5, 20], Init::Orthogonal);
        assert!(far_from_orthonormal(5, 20, |a, c| wide[a * 20 + c]) < 1e-5);
    }

    #[test]
    fn signs_of_an_orthogonal_weight_are_those_of_the_drawn_columns() {
        // The first column of Q is the first column of the drawn matrix, normalised: R's diagonal is positive.
        let numbers = made(&[6, 3], Init::Orthogonal);
        let mut stream = rng::stream(4, "init/w", 0, 0);
        let drawn: Vec<f64> = (0..18).map(|_| stream.normal()).collect();
        let first: Vec<f64> = drawn.iter().step_by(3).copied().collect();
        let norm = first.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (row, drawn) in first.iter().enumerate() {
            assert!((f64::from(numbers[row * 3]) - drawn / norm).abs() < 1e-6);
        }
    }

    #[test]
    fn glorot_s_bound_is_reached_and_not_passed() {
        let init = Init::GlorotUniform { fan_in: 90, fan_out: 60 };
        let numbers = made(&[90, 60], init);
        let largest = numbers.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!((0.199..=0.2).contains(&largest), "{largest}"); // √(6 / 150)
    }

    #[test]
    fn blocks_hold_their_numbers() {
        assert_eq!(made(&[6], Init::Blocks(&[0.0, 1.0, 2.0])), [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn statistics_are_saved_but_not_trained() {
        let weights = Weights::drawn(0, &Device::Cpu);
        weights.make("a", &[1], Init::Constant(0.0)).unwrap();
        let statistic = weights.make_statistic("b", &[2], 1.0).unwrap();
        let paths = |variables: Vec<(String, Var)>| -> Vec<String> { variables.into_iter().map(|(path, _)| path).collect() };
        assert_eq!(paths(weights.variables()), ["a"]);
        assert_eq!(paths(weights.all()), ["a", "b"]);
        statistic.set(&Tensor::new(&[3f32, 4.0], &Device::Cpu).unwrap()).unwrap();
        let held: Vec<f32> = weights.all()[1].1.to_vec1().unwrap();
        assert_eq!(held, [3.0, 4.0]);
        assert!(weights.make_statistic("a", &[1], 0.0).is_err());
    }
}
