//! What the system refuses: a full disk, a folder that is gone or may not be written, a limit, a clock that jumps.

mod each_call;
mod library;
mod order;
mod refused;
