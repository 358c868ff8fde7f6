//! Settings → a network or a baseline: the kinds of model, and what every one of them offers.

pub mod conv_lstm;
pub mod dlinear;
pub mod drift;
pub mod ets;
mod forecast; // from the past of the targets alone
pub mod gru;
pub mod last_value;
mod least_squares; // of linear_regression and ets
mod linear_over_time;
pub mod linear_probe;
pub mod linear_regression;
pub mod lookback_mean;
pub mod lstm;
pub mod lstm_gru;
pub mod majority;
pub mod nlinear;
mod path;
mod quantiles;
mod search; // for the weights of ets and theta
pub mod seasonal_naive;
mod size;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
pub mod theta;
pub mod training_mean;

use std::fmt::Debug;

use anyhow::bail;
use candle_core::{Result, Tensor};

use crate::data::{Blame, Dataset, Examples, Outputs, Sees};
use crate::kind::Kinds;
pub use crate::nn::LayerSummary;
use crate::nn::Mode;
use crate::nn::weights::Weights;
use crate::task::Task;
pub use forecast::FitOn;

crate::kinds! {
    /// The kinds of `[model.NAME]`.
    pub enum ModelSpec: Model {
        "lstm" => Lstm(lstm::LstmSpec),
        "gru" => Gru(gru::GruSpec),
        "lstm_gru" | "gru_lstm lstmgru lstm+gru hybrid" => LstmGru(lstm_gru::LstmGruSpec),
        "conv_lstm" | "convlstm convlstm2d conv_lstm2d conv_lstm_2d" => ConvLstm(conv_lstm::ConvLstmSpec),
        "nlinear" | "normalised_linear normalized_linear linear" => Nlinear(nlinear::NlinearSpec),
        "dlinear" | "decomposition_linear" => Dlinear(dlinear::DlinearSpec),
        "last_value" | "naive persistence random_walk last" => LastValue(last_value::LastValueSpec),
        "lookback_mean" => LookbackMean(lookback_mean::LookbackMeanSpec),
        "seasonal_naive" => SeasonalNaive(seasonal_naive::SeasonalNaiveSpec),
        "training_mean" | "train_mean mean mean_forecast historical_mean historical_average" => TrainingMean(training_mean::TrainingMeanSpec),
        "drift" | "naive_drift random_walk_with_drift" => Drift(drift::DriftSpec),
        "ets" | "exponential_smoothing ses holt holt_winters" => Ets(ets::EtsSpec),
        "theta" | "theta_method theta_model" => Theta(theta::ThetaSpec),
        "linear_regression" | "ols autoregression ar" => LinearRegression(linear_regression::LinearRegressionSpec),
        "majority" | "majority_class most_frequent dummy zero_rule zeror" => Majority(majority::MajoritySpec),
        "linear_probe" | "logistic_regression logistic logreg probe" => LinearProbe(linear_probe::LinearProbeSpec),
    }
}

/// What the settings of every kind of model offer.
pub trait Model: Debug {
    /// The parts of the code behind it, as keys name them, with their versions: each is part of what makes a record valid.
    fn code(&self) -> Vec<(&'static str, u32)>;

    /// What it is: something to train, or not.
    fn role(&self) -> Role<'_>;

    /// What it looks at.
    fn sees(&self) -> Sees {
        Sees::Inputs
    }

    /// Whether what it predicts depends on training examples.
    fn learns(&self) -> bool {
        true
    }

    /// What is wrong between its settings and the shape of a sample (without the batch), on axes that it reads.
    ///
    /// # Errors
    /// When it cannot read such a sample.
    fn check(&self, sample_shape: &[usize]) -> std::result::Result<(), Blame> {
        let _ = sample_shape;
        Ok(())
    }

    /// What is wrong between its settings and what it is to predict.
    ///
    /// # Errors
    /// When it cannot predict that.
    fn check_outputs(&self, outputs: &Outputs) -> std::result::Result<(), Blame> {
        let _ = outputs;
        Ok(())
    }

    /// Whether it reads samples with those axes, and predicts what that task asks.
    fn fits(&self, axes: &[&str], task: &Task) -> bool;
}

/// What a model is.
pub enum Role<'a> {
    /// A network with weights to train.
    Network(&'a dyn Trained),
    /// Something that a network must beat.
    Baseline(&'a dyn Baseline),
}

/// The settings of a network.
pub trait Trained {
    /// The network for samples of that shape (without the batch) and those outputs, its weights drawn from `weights`.
    ///
    /// # Errors
    /// When the shape is not one that it reads, or the device refuses.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>>;

    /// How many weights that network has, trained or not; 0 for a shape that it does not read.
    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128;
}

/// A model without a network.
pub trait Baseline {
    /// What predicts an example: forecasts in the targets' unit [step * target], or the probability of class 1.
    ///
    /// # Errors
    /// When the examples cannot be read, or are none that it can predict; so does the predictor.
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>>;
}

/// Examples and the place of one among them → its prediction.
pub type Predictor<'a> = Box<dyn Fn(&Examples, usize) -> anyhow::Result<Vec<f64>> + 'a>;

impl ModelSpec {
    /// Whether it has weights to train; otherwise it is a baseline.
    pub fn trains(&self) -> bool {
        matches!(self.role(), Role::Network(_))
    }

    /// The network of a kind that trains; see [`Trained::build`].
    ///
    /// # Errors
    /// As there, and when the kind is a baseline.
    pub fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        match self.role() {
            Role::Network(network) => network.build(sample_shape, outputs, weights),
            Role::Baseline(_) => bail!("a baseline of kind `{}` has no network to train", self.kind()),
        }
    }
}

/// A sample's shape, where it has those axes.
fn sample_of<const N: usize>(axes: &[&str], shape: &[usize]) -> anyhow::Result<[usize; N]> {
    let Ok(shape) = shape.try_into() else {
        bail!("the model reads samples of shape [{}], these have {shape:?}", axes.join(", "));
    };
    Ok(shape)
}

/// A network: what the training loop trains.
pub trait Network {
    /// [batch, sample shape…] → [batch, output width]; of a classification, logits.
    ///
    /// # Errors
    /// When a shape does not fit or the device refuses.
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor>;

    /// The layers, in order, as a model summary lists them.
    fn summary(&self) -> Vec<LayerSummary>;
}
