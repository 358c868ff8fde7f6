//! A claim that this process has: it beats for as long as it lives, and is asked before everything that is written.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::folder::ending_of;
use super::lease;
use super::owner::Owner;
use crate::files::Place;

/// So many beats are due within a lease.
const BEATS: u32 = 5;

/// After a beat this process is sure to be taken for alive for so long. Short, for this clock may stand still while a machine sleeps.
const SURE: Duration = Duration::from_secs(1);

/// So often it is tried to remove a claim.
const TRIES: usize = 3;

/// How long to wait before looking again whether somebody goes on to clear the claim.
const MOMENT: Duration = Duration::from_millis(10);

/// The longest content of a claim, in bytes.
pub(super) const MOST_CLAIM: u64 = 1 << 16;

/// The claims of this process.
static HELD: Mutex<Vec<Weak<Hold>>> = Mutex::new(Vec::new());

/// A claim that is released when this goes.
#[derive(Debug)]
pub(crate) struct Claim {
    hold: Arc<Hold>,
    /// The thread that beats ends with it.
    _beating: Sender<()>,
}

/// A claim as those see it who write under it.
#[derive(Debug)]
pub(crate) struct Hold {
    place: Place,
    owner: Mutex<(Owner, Instant)>,
    token: String,
    is_lost: AtomicBool,
}

/// This process was silent for so long that its claim is another's, or the claim was removed by hand.
#[derive(Debug)]
pub(crate) struct Lost(String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "another runner has taken over {}, for this one was silent for long",
            self.0
        )
    }
}

impl std::error::Error for Lost {}

impl Claim {
    /// Begins to beat for a claim that was just made.
    pub(super) fn new(place: Place, owner: Owner) -> Self {
        let hold = Arc::new(Hold {
            place,
            token: owner.token.clone(),
            owner: Mutex::new((owner, Instant::now())),
            is_lost: AtomicBool::new(false),
        });
        locked(&HELD).push(Arc::downgrade(&hold));
        let (sender, end) = mpsc::channel();
        let beating = hold.clone();
        thread::spawn(move || {
            while end.recv_timeout(lease() / BEATS) == Err(RecvTimeoutError::Timeout) {
                // What could not be written now may be in a moment; whoever writes under the claim asks again.
                drop(beating.beat());
            }
        });
        Self { hold, _beating: sender }
    }

    /// For those who write under it.
    pub(crate) fn hold(&self) -> &Arc<Hold> {
        &self.hold
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.hold.release();
        locked(&HELD).retain(|held| held.strong_count() > 0 && !std::ptr::eq(held.as_ptr(), Arc::as_ptr(&self.hold)));
    }
}

/// Releases all claims of this process, which ends.
pub(crate) fn let_go() {
    let held: Vec<Arc<Hold>> = locked(&HELD).iter().filter_map(Weak::upgrade).collect();
    held.iter().for_each(|hold| hold.release());
}

impl Hold {
    /// Holds the claim to be this process's, right before something is written under it.
    ///
    /// # Errors
    /// A [`Lost`] where it is another's; also when that cannot be told.
    pub(crate) fn check(&self) -> Result<()> {
        if self.silence() >= SURE.min(lease() / BEATS) {
            self.beat()?;
        }
        let ending = ending_of(&self.place, &self.token)?;
        let asked = Instant::now();
        // First whether somebody clears it, then whether it is still there: see the order of `Claims::clear`.
        while ending.is_there()? && asked.elapsed() < lease() && !self.is_lost() {
            thread::sleep(MOMENT);
        }
        if ending.is_there()? || !self.is_there()? {
            self.is_lost.store(true, Ordering::SeqCst);
        }
        match self.is_lost() {
            true => Err(self.lost().into()),
            false => Ok(()),
        }
    }

    /// Whether it is known to be another's.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }

    /// What tells of its loss.
    pub(crate) fn lost(&self) -> Lost {
        Lost(locked(&self.owner).0.what.clone())
    }

    /// For how long nobody else has seen it change.
    fn silence(&self) -> Duration {
        locked(&self.owner).1.elapsed()
    }

    /// Whether the file is this process's.
    fn is_there(&self) -> Result<bool> {
        let content = self.place.read(MOST_CLAIM)?;
        let owner = content.and_then(|content| Owner::of(&content));
        Ok(owner.is_some_and(|owner| owner.token == self.token))
    }

    /// Writes the next beat into the file, which is this process's or is left alone.
    fn beat(&self) -> Result<()> {
        let mut owner = locked(&self.owner);
        owner.0.beats();
        let content = owner.0.content();
        let is_own = |found: &[u8]| Owner::of(found).is_some_and(|found| found.token == self.token);
        if self.place.write_over(is_own, &content)? {
            owner.1 = Instant::now();
        } else {
            self.is_lost.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Removes the file if it is still this process's.
    fn release(&self) {
        // What the system refuses once it may allow at the next try. One that stays is a dead process's soon.
        for _ in 0..TRIES {
            let is_own = || self.is_there().map(|is_there| is_there && !self.is_lost());
            if is_own()
                .and_then(|is_own| if is_own { self.place.remove() } else { Ok(()) })
                .is_ok()
            {
                break;
            }
        }
        self.is_lost.store(true, Ordering::SeqCst);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is in them is whole at any moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
