//! A network that gives several numbers in the place of each one to be predicted: quantiles, which rise.

use candle_core::{Result, Tensor};

use super::{LayerSummary, Network, Trained};
use crate::data::Outputs;
use crate::nn::Mode;
use crate::nn::quantiles::rising;
use crate::nn::weights::Weights;

/// See the module.
struct Rising {
    network: Box<dyn Network>,
    /// What is predicted.
    outputs: Outputs,
    /// How many numbers for each.
    count: usize,
}

impl Network for Rising {
    /// [batch, sample shape…] → [batch, step · target · quantile]
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let outputs = self.network.forward(inputs, mode)?; // [batch, step · quantile · target]
        let (batch, width) = outputs.dims2()?;
        let shape = (batch, self.outputs.steps, self.count, self.outputs.targets.len());
        let beside = outputs.reshape(shape)?.transpose(2, 3)?.contiguous()?;
        rising(&beside.reshape((batch, width))?, self.count)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        self.network.summary()
    }
}

impl dyn Trained + '_ {
    /// The network that gives `count` numbers for each of `outputs`, beside each other and rising; see [`Trained::build`].
    ///
    /// # Errors
    /// As there.
    pub fn build_for(
        &self,
        sample_shape: &[usize],
        outputs: &Outputs,
        count: usize,
        weights: &Weights,
    ) -> anyhow::Result<Box<dyn Network>> {
        if count == 1 {
            return self.build(sample_shape, outputs, weights);
        }
        Ok(Box::new(Rising {
            network: self.build(sample_shape, &outputs.times(count), weights)?,
            outputs: outputs.clone(),
            count,
        }))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{D, Device};

    use super::*;
    use crate::model::{ModelSpec, Role};

    #[test]
    fn quantiles_stand_beside_each_other_whatever_order_the_network_has() -> anyhow::Result<()> {
        let model: ModelSpec = toml::from_str("kind = \"nlinear\"")?;
        let Role::Network(spec) = model.role() else {
            anyhow::bail!("it is trained");
        };
        let outputs = Outputs {
            steps: 2,
            targets: vec![Some(0), Some(1)],
        };
        let mut stream = crate::rng::stream(0, "test", 0, 0);
        let inputs: Vec<f32> = (0..4 * 6 * 2).map(|_| stream.normal() as f32).collect();
        let inputs = Tensor::from_vec(inputs, (4, 6, 2), &Device::Cpu)?;
        let weights = || Weights::drawn(0, &Device::Cpu);
        let plain = spec.build(&[6, 2], &outputs.times(3), &weights())?;
        let plain = plain.forward(&inputs, Mode::Evaluate)?.reshape((4, 2, 3, 2))?;
        let network = spec.build_for(&[6, 2], &outputs, 3, &weights())?;
        let quantiles = network.forward(&inputs, Mode::Evaluate)?.reshape((4, 2, 2, 3))?;
        for (target, step) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let plain: Vec<Vec<f32>> = plain.narrow(1, step, 1)?.narrow(3, target, 1)?.reshape((4, 3))?.to_vec2()?;
            let found = quantiles.narrow(1, step, 1)?.narrow(2, target, 1)?.reshape((4, 3))?;
            for (mut plain, found) in plain.into_iter().zip(found.to_vec2::<f32>()?) {
                plain.sort_by(f32::total_cmp);
                assert_eq!(plain, found);
            }
        }
        // A network around the last value moves with it, and so do its quantiles.
        let moved = network.forward(&(&inputs + 5.0)?, Mode::Evaluate)?.reshape((4, 2, 2, 3))?;
        let far = (moved - (&quantiles + 5.0)?)?.abs()?.max(D::Minus1)?.flatten_all()?.max(0)?;
        assert!(far.to_scalar::<f32>()? < 1e-5);
        Ok(())
    }
}
