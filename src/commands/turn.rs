//! What one runner of a results folder does at a time: to look at what is there and move it, and to write what is made of all
//! records.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::claim::{Claim, Claims, Hold, Watch};
use crate::console;
use crate::store::paths::Results;

/// After how long a person is told that one waits.
const TELL_AFTER: Duration = Duration::from_secs(2);

/// This runner's turn, until it goes.
pub(super) struct Turn {
    claims: Claims,
    claim: Option<Claim>,
}

impl Turn {
    /// Waits for it.
    ///
    /// # Errors
    /// When nothing can be written into the results.
    pub(super) fn of(results: &Results) -> Result<Self> {
        let claims = Claims::of_results(results)?;
        let asked = Instant::now();
        let mut has_told = false;
        let claim = claims.take("the results", None, &mut |seen| {
            if asked.elapsed() >= TELL_AFTER && !std::mem::replace(&mut has_told, true) {
                console::say(&format!("waits for its turn in {}, which is written {seen}", results.root()));
            }
            Ok(())
        })?;
        let claim = Some(claim);
        Ok(Self { claims, claim })
    }

    /// The claim on it.
    pub(super) fn hold(&self) -> &Arc<Hold> {
        self.claim.as_ref().expect("it is there until the turn goes").hold()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.claim.take());
        // What stays there is cleared by the next runner.
        drop(self.claims.tidy(&mut Watch::default()));
    }
}
