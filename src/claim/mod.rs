//! Who computes what: runners that share a folder, on one machine or on several, compute each cell once.
//!
//! A claim is a file that its owner makes as a whole under a name that nobody has yet (a rename that replaces nothing, or a hard link
//! where the file system knows no such rename, as NFS, on which both are one step), writes a counter into every now and then, and
//! removes in the end. Locks of the system are not used: on shared file systems they lie.
//!
//! Nobody's clock is compared with another's. An owner is taken for dead when its process is one of this machine and runs no more, or
//! when an observer has seen the very same content for a whole lease by its own monotonic clock. To clear a dead claim one makes a
//! file of the claim's token, which one of several succeeds in; looks once more whether the content is the one that was taken
//! for dead; and removes it. Who has the name then is decided as in the beginning. An owner that has been silent for long beats
//! first, and then looks whether somebody is clearing its claim: either it sees that, or the one who clears sees the beat. It asks
//! right before everything that it writes ([`Hold::check`]), so that a claim which was lost costs time and no record.

mod folder; // the claims of a folder: made, seen, cleared
mod hold; // a claim that this process has
mod owner; // what the file of a claim says
#[cfg(test)]
mod tests;
mod watch; // claims of others, as this process sees them grow old

use std::time::Duration;

pub(crate) use folder::{Attempt, Claims};
pub(crate) use hold::{Claim, Hold, Lost, let_go};
#[cfg(test)]
use owner::Seen;
pub(crate) use owner::{Owner, Running, now};
pub(crate) use watch::Watch;

/// For how long an owner may be silent, in seconds.
const LEASE: f64 = 30.0;

/// Another lease, in seconds: for tests, and for file systems that show what is written elsewhere only after a while.
const LEASE_VARIABLE: &str = "RUNNER_LEASE";

/// For how long an owner may be silent before its claim is another's.
pub(crate) fn lease() -> Duration {
    let told = std::env::var(LEASE_VARIABLE).ok();
    let told = told.and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0.0);
    Duration::try_from_secs_f64(told.unwrap_or(LEASE)).unwrap_or(Duration::MAX)
}
