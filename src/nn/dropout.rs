//! Dropout whose mask comes from the cell's seed (Srivastava et al., 2014), inverted: what stays is scaled up while training,
//! so that evaluation changes nothing.

use candle_core::{Result, Tensor};

use super::Mode;
use crate::rng;

/// Bumped when the same seed would drop other numbers.
pub const VERSION: u32 = 1;

/// A dropout layer.
#[derive(Debug, Clone)]
pub struct Dropout {
    rate: f64,
    purpose: String,
}

impl Dropout {
    /// Drops each number with probability `rate`, at least 0 and below 1; `path` names the layer's own stream of chance.
    pub fn new(rate: f64, path: &str) -> Self {
        Self {
            rate,
            purpose: format!("dropout/{path}"),
        }
    }

    /// Any shape → the same shape.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        match mode {
            Mode::Train { seed, epoch, batch } if self.rate > 0.0 => {
                // Drawn on the host, so that every device drops the same numbers.
                let mut stream = rng::stream(seed, &self.purpose, epoch, batch);
                let (rate, scale) = (self.rate as f32, (1.0 / (1.0 - self.rate)) as f32);
                let mut mask = vec![0.0; inputs.elem_count()];
                stream.fill_uniform_f32(&mut mask);
                for number in &mut mask {
                    *number = if *number < rate { 0.0 } else { scale };
                }
                inputs * Tensor::from_vec(mask, inputs.shape(), inputs.device())?
            }
            Mode::Train { .. } | Mode::Evaluate => Ok(inputs.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};

    const FIRST: Mode = Mode::Train {
        seed: 5,
        epoch: 0,
        batch: 0,
    };

    fn dropped(layer: &Dropout, mode: Mode) -> Result<Vec<f32>> {
        let ones = Tensor::ones((100, 200), DType::F32, &Device::Cpu)?;
        layer.forward(&ones, mode)?.flatten_all()?.to_vec1()
    }

    #[test]
    fn a_share_is_dropped_and_the_mean_stays() -> Result<()> {
        let numbers = dropped(&Dropout::new(0.3, "a"), FIRST)?;
        let count = numbers.len() as f32;
        let zeros = numbers.iter().filter(|&&x| x == 0.0).count() as f32;
        assert!((zeros / count - 0.3).abs() < 0.02, "{zeros} of {count}");
        assert!((numbers.iter().sum::<f32>() / count - 1.0).abs() < 0.02);
        assert!(numbers.iter().all(|&x| x == 0.0 || (x - 1.0 / 0.7).abs() < 1e-6));
        Ok(())
    }

    #[test]
    fn the_mask_depends_on_seed_layer_epoch_and_batch_alone() -> Result<()> {
        let layer = Dropout::new(0.5, "a");
        let first = dropped(&layer, FIRST)?;
        assert_eq!(first, dropped(&layer, FIRST)?);
        assert_ne!(first, dropped(&Dropout::new(0.5, "b"), FIRST)?);
        for (seed, epoch, batch) in [(6, 0, 0), (5, 1, 0), (5, 0, 1)] {
            assert_ne!(first, dropped(&layer, Mode::Train { seed, epoch, batch })?);
        }
        Ok(())
    }

    #[test]
    fn evaluation_and_rate_zero_change_nothing() -> Result<()> {
        assert!(dropped(&Dropout::new(0.5, "a"), Mode::Evaluate)?.iter().all(|&x| x == 1.0));
        assert!(dropped(&Dropout::new(0.0, "a"), FIRST)?.iter().all(|&x| x == 1.0));
        Ok(())
    }
}
