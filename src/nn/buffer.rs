//! Large buffers that are used again: asked of the system once, and never cleared.
//!
//! A layer needs the same few buffers in every step of a training. A new one is cleared first, which costs a small network more
//! than some of its arithmetic, and leads the processor's caches through memory that nobody needs.

use std::cell::RefCell;
use std::mem;
use std::ops::{Deref, DerefMut};

/// Buffers that a thread keeps at most; the one that was unused longest goes first.
const KEPT: usize = 8;

/// A kept buffer is not used for less than this share of its length, so that a small need holds no large one.
const SHARE: usize = 4;

thread_local! {
    static UNUSED: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Numbers that are written before they are read: at first they are whatever was there.
#[derive(Debug)]
pub(super) struct Buffer {
    /// At least `len` of them.
    numbers: Vec<f32>,
    len: usize,
}

impl Buffer {
    /// `len` numbers of unknown value.
    pub(super) fn of(len: usize) -> Self {
        let kept = UNUSED.with_borrow_mut(|unused| {
            let fits = |numbers: &Vec<f32>| numbers.len() >= len && numbers.len() / SHARE <= len;
            let fitting = unused.iter().enumerate().filter(|(_, kept)| fits(kept));
            let smallest = fitting.min_by_key(|(_, kept)| kept.len());
            smallest.map(|(at, _)| at).map(|at| unused.remove(at))
        });
        let mut numbers = kept.unwrap_or_else(|| vec![0.0; len]);
        if cfg!(test) {
            // Who reads what nobody wrote is seen then.
            numbers.fill(f32::NAN);
        }
        Self { numbers, len }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[..self.len]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let numbers = mem::take(&mut self.numbers);
        // At a thread's end there is nobody left to use it.
        let _ended = UNUSED.try_with(|unused| {
            let mut unused = unused.borrow_mut();
            if unused.len() == KEPT {
                unused.remove(0);
            }
            unused.push(numbers);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the numbers lie.
    fn place(buffer: &Buffer) -> *const f32 {
        buffer.as_ptr()
    }

    #[test]
    fn a_buffer_is_used_again_for_what_fits() {
        let first = Buffer::of(1000);
        let was = place(&first);
        drop(first);
        let small = Buffer::of(10);
        assert_ne!(place(&small), was, "a hundredth of it holds it");
        let again = Buffer::of(900);
        assert_eq!((place(&again), again.len()), (was, 900));
        let beside = Buffer::of(900);
        assert_ne!(place(&beside), was, "two have one buffer");
    }

    #[test]
    fn no_more_than_a_few_are_kept() {
        drop((0..3 * KEPT).map(Buffer::of).collect::<Vec<_>>());
        UNUSED.with_borrow(|unused| assert_eq!(unused.len(), KEPT));
    }
}
