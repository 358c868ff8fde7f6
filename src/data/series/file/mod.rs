//! What every file of a series is read with: its bytes, its numbers, and how what is wrong in it is told.

pub(super) mod content;
pub(super) mod number;
pub(super) mod problems;
