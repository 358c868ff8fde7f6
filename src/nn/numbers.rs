//! The numbers of tensors on the CPU, as the operations of this project's own see them.

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor};

/// The f32 numbers of a tensor that lies in one piece.
///
/// # Errors
/// When it lies in several, or has numbers of another kind.
pub(super) fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) = piece(layout)?;
    Ok(&storage.as_slice()?[start..end])
}

/// The same, to be written.
///
/// # Errors
/// When it lies in several pieces, or has numbers of another kind.
pub(super) fn numbers_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let (start, end) = piece(layout)?;
    match storage {
        CpuStorage::F32(numbers) => Ok(&mut numbers[start..end]),
        _ => candle_core::bail!("an operation got numbers that are not f32"),
    }
}

/// Calls `work` with the numbers of a tensor that lies in one piece on the CPU.
///
/// # Errors
/// When it does not.
pub(super) fn with_numbers<T>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        candle_core::bail!("an operation of the CPU got a tensor that is elsewhere");
    };
    Ok(work(numbers(storage, layout)?))
}

fn piece(layout: &Layout) -> Result<(usize, usize)> {
    match layout.contiguous_offsets() {
        Some(piece) => Ok(piece),
        None => candle_core::bail!("an operation got numbers that lie in several pieces"),
    }
}
