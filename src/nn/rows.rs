//! Columns of windows as rows of a matrix, and what linear forecasters do to each of them: [window, time, column] ⇄
//! [window * column, time].
//!
//! On the CPU these are operations of their own: one pass over the numbers each, where a composition takes several and moves
//! through memory by strides.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};

use super::numbers::{numbers, with_numbers};

/// Bumped when the same numbers would give others.
pub const VERSION: u32 = 1;

/// [window, time, column] → [window * column, time].
///
/// # Errors
/// When the tensor has other axes, or the device refuses.
pub fn rows_of(windows: &Tensor) -> Result<Tensor> {
    let (count, time, columns) = windows.dims3()?;
    turned(windows)?.reshape((count * columns, time))
}

/// [window * column, time] → [window, time, column], of so many columns.
///
/// # Errors
/// When the rows are not those of whole windows, or the device refuses.
pub fn windows_of(rows: &Tensor, columns: usize) -> Result<Tensor> {
    let (count, time) = rows.dims2()?;
    turned(&rows.reshape((count / columns, columns, time))?)
}

/// [n, a, b] → [n, b, a], in one piece.
fn turned(matrices: &Tensor) -> Result<Tensor> {
    match matrices.device().is_cpu() {
        true => matrices.contiguous()?.apply_op1(Turned),
        false => matrices.transpose(1, 2)?.contiguous(),
    }
}

struct Turned;

impl CustomOp1 for Turned {
    fn name(&self) -> &'static str {
        "turned"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, rows, columns) = layout.shape().dims3()?;
        let from = numbers(storage, layout)?;
        let mut to = vec![0.0; from.len()];
        let size = (rows * columns).max(1);
        for (from, to) in from.chunks_exact(size).zip(to.chunks_exact_mut(size)) {
            for (place, row) in from.chunks_exact(columns).enumerate() {
                for (column, number) in row.iter().enumerate() {
                    to[column * rows + place] = *number;
                }
            }
        }
        Ok((CpuStorage::F32(to), Shape::from((count, columns, rows))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(turned(gradient)?))
    }
}

/// Subtracts from each row [row, time] its last number.
///
/// # Errors
/// When the device refuses.
pub fn without_last(rows: &Tensor) -> Result<Tensor> {
    match rows.device().is_cpu() {
        true => rows.contiguous()?.apply_op1(WithoutLast),
        false => rows.broadcast_sub(&last_of(rows)?),
    }
}

/// The last number of each row: [row, 1].
fn last_of(rows: &Tensor) -> Result<Tensor> {
    rows.narrow(1, rows.dim(1)? - 1, 1)
}

struct WithoutLast;

impl CustomOp1 for WithoutLast {
    fn name(&self) -> &'static str {
        "without-last"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, time) = layout.shape().dims2()?;
        let mut to = numbers(storage, layout)?.to_vec();
        for row in to.chunks_exact_mut(time) {
            let last = row[time - 1];
            row.iter_mut().for_each(|number| *number -= last);
        }
        Ok((CpuStorage::F32(to), layout.shape().clone()))
    }

    /// What was subtracted from all loses their gradients together; the last itself is 0 whatever it was.
    fn bwd(&self, rows: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, time) = rows.dims2()?;
        let mut to = with_numbers(&gradient.contiguous()?, <[f32]>::to_vec)?;
        for row in to.chunks_exact_mut(time) {
            let (last, before) = row.split_last_mut().expect("a row holds a number");
            *last = -before.iter().sum::<f32>();
        }
        Ok(Some(Tensor::from_vec(to, rows.shape(), rows.device())?))
    }
}

/// Adds to each row [row, time] the last number of the same row of `lasts` [row, other time].
///
/// # Errors
/// When there are other numbers of rows, or the device refuses.
pub fn with_last(rows: &Tensor, lasts: &Tensor) -> Result<Tensor> {
    match rows.device().is_cpu() {
        true => rows.contiguous()?.apply_op2(&lasts.contiguous()?, WithLast),
        false => rows.broadcast_add(&last_of(lasts)?),
    }
}

struct WithLast;

impl CustomOp2 for WithLast {
    fn name(&self) -> &'static str {
        "with-last"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
        lasts: &CpuStorage,
        lasts_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let ((rows, time), (others, length)) = (layout.shape().dims2()?, lasts_layout.shape().dims2()?);
        if rows != others {
            candle_core::bail!("{rows} rows got the last numbers of {others}");
        }
        let mut to = numbers(storage, layout)?.to_vec();
        for (row, other) in to
            .chunks_exact_mut(time)
            .zip(numbers(lasts, lasts_layout)?.chunks_exact(length))
        {
            row.iter_mut().for_each(|number| *number += other[length - 1]);
        }
        Ok((CpuStorage::F32(to), layout.shape().clone()))
    }

    fn bwd(&self, rows: &Tensor, lasts: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        if !lasts.track_op() {
            return Ok((Some(gradient.clone()), None));
        }
        let ((count, time), (_, length)) = (rows.dims2()?, lasts.dims2()?);
        let mut of_lasts = vec![0.0; count * length];
        with_numbers(&gradient.contiguous()?, |gradient| {
            for (row, to) in gradient.chunks_exact(time).zip(of_lasts.chunks_exact_mut(length)) {
                to[length - 1] = row.iter().sum();
            }
        })?;
        let of_lasts = Tensor::from_vec(of_lasts, lasts.shape(), lasts.device())?;
        Ok((Some(gradient.clone()), Some(of_lasts)))
    }
}

/// The mean of each number of a row [row, time] with its `kernel - 1` neighbours; beyond an end that end comes again. `kernel` is odd.
///
/// # Errors
/// When the device refuses.
pub fn moving_average(rows: &Tensor, kernel: usize) -> Result<Tensor> {
    match rows.device().is_cpu() {
        true => rows.contiguous()?.apply_op1(MovingAverage { kernel }),
        false => composed_average(rows, kernel),
    }
}

/// As a product: [time, time] of how much each number counts in each mean.
#[expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]
fn composed_average(rows: &Tensor, kernel: usize) -> Result<Tensor> {
    let time = rows.dim(1)?;
    let mut shares = vec![0.0f32; time * time];
    for step in 0..time {
        for near in 0..kernel {
            let from = (step + near).saturating_sub(kernel / 2).min(time - 1);
            shares[from * time + step] += 1.0 / kernel as f32;
        }
    }
    rows.matmul(&Tensor::from_vec(shares, (time, time), rows.device())?)
}

struct MovingAverage {
    kernel: usize,
}

impl CustomOp1 for MovingAverage {
    fn name(&self) -> &'static str {
        "moving-average"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, time) = layout.shape().dims2()?;
        let mut padded = vec![0.0; time + self.kernel - 1];
        let mut to = vec![0.0; layout.shape().elem_count()];
        let (half, share) = (self.kernel / 2, 1.0 / self.kernel as f32);
        for (row, means) in numbers(storage, layout)?.chunks_exact(time).zip(to.chunks_exact_mut(time)) {
            padded[..half].fill(row[0]);
            padded[half..half + time].copy_from_slice(row);
            padded[half + time..].fill(row[time - 1]);
            // All means at once, a neighbour after the other: the same order of sums for each.
            means.copy_from_slice(&padded[..time]);
            for near in 1..self.kernel {
                for (mean, number) in means.iter_mut().zip(&padded[near..]) {
                    *mean += number;
                }
            }
            means.iter_mut().for_each(|mean| *mean *= share);
        }
        Ok((CpuStorage::F32(to), layout.shape().clone()))
    }

    fn bwd(&self, rows: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (count, time) = rows.dims2()?;
        let (half, share) = (self.kernel / 2, 1.0 / self.kernel as f32);
        let mut to = vec![0.0; count * time];
        with_numbers(&gradient.contiguous()?, |gradient| {
            for (row, to) in gradient.chunks_exact(time).zip(to.chunks_exact_mut(time)) {
                for (step, number) in row.iter().enumerate() {
                    for near in 0..self.kernel {
                        to[(step + near).saturating_sub(half).min(time - 1)] += number * share;
                    }
                }
            }
        })?;
        Ok(Some(Tensor::from_vec(to, rows.shape(), rows.device())?))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::rng;

    type Operation = (&'static str, fn(&Tensor) -> Result<Tensor>);

    fn drawn(shape: (usize, usize, usize)) -> Tensor {
        let mut stream = rng::stream(3, "rows", 0, 0);
        let numbers: Vec<f32> = (0..shape.0 * shape.1 * shape.2).map(|_| stream.normal() as f32).collect();
        Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn rows_and_windows_are_the_same_numbers() {
        let windows = drawn((3, 5, 2));
        let rows = rows_of(&windows).unwrap();
        assert_eq!(rows.dims(), [6, 5]);
        let (all, back) = (windows.to_vec3::<f32>().unwrap(), rows.to_vec2::<f32>().unwrap());
        assert_eq!(back[3][4], all[1][4][1]);
        assert_eq!(windows_of(&rows, 2).unwrap().to_vec3::<f32>().unwrap(), all);
    }

    #[test]
    fn by_hand() {
        let rows = Tensor::new(&[[1.0f32, 4.0, 2.0, 9.0]], &Device::Cpu).unwrap();
        let found = |rows: Tensor| rows.to_vec2::<f32>().unwrap()[0].clone();
        assert_eq!(found(without_last(&rows).unwrap()), [-8.0, -5.0, -7.0, 0.0]);
        let short = Tensor::new(&[[1.0f32, 2.0]], &Device::Cpu).unwrap();
        assert_eq!(found(with_last(&short, &rows).unwrap()), [10.0, 11.0]);
        // (1 1 4) (1 4 2) (4 2 9) (2 9 9)
        let means = found(moving_average(&rows, 3).unwrap());
        for (mean, sum) in means.iter().zip([6.0, 7.0, 15.0, 20.0]) {
            assert!((mean - sum / 3.0).abs() < 1e-6, "{means:?}");
        }
        // A kernel wider than the row.
        assert!((found(moving_average(&short, 5).unwrap())[0] - 7.0 / 5.0).abs() < 1e-6);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let operations: [Operation; 5] = [
            ("turned", |rows| turned(&rows.reshape((2, 3, 4))?)),
            ("without last", without_last),
            ("with last", |rows| with_last(&(rows * 2.0)?, rows)),
            ("moving average", |rows| moving_average(rows, 3)),
            ("wide moving average", |rows| moving_average(rows, 9)),
        ];
        for (name, operation) in operations {
            let start = drawn((2, 3, 4)).reshape((6, 4)).unwrap();
            let variable = Var::from_tensor(&start).unwrap();
            let weights = drawn((1, 6, 4)).reshape((24,)).unwrap();
            let value = |rows: &Tensor| -> Tensor {
                let out = operation(rows).unwrap().flatten_all().unwrap();
                (out.sqr().unwrap() * &weights).unwrap().sum_all().unwrap()
            };
            let gradient = value(variable.as_tensor()).backward().unwrap();
            let gradient = gradient
                .get(&variable)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            for (place, found) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut numbers = start.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                    numbers[place] += by;
                    let rows = Tensor::from_vec(numbers, (6, 4), &Device::Cpu).unwrap();
                    f64::from(value(&rows).to_scalar::<f32>().unwrap())
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!(
                    (slope - f64::from(*found)).abs() < 2e-2 * slope.abs().max(1.0),
                    "{name} {place}: {slope} {found}"
                );
            }
        }
    }

    #[test]
    fn other_devices_compose_the_same() {
        let rows = drawn((2, 3, 40)).reshape((6, 40)).unwrap();
        let (own, composed) = (moving_average(&rows, 25).unwrap(), composed_average(&rows, 25).unwrap());
        let far = (own - composed)
            .unwrap()
            .abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!(far < 1e-5, "{far}");
    }
}
