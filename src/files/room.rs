//! A full disk: what can be done without gives its room, and what was to be written is tried once more.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};

/// Gives room; whether there may be more now.
type Giver = Box<dyn FnMut() -> bool + Send>;

static GIVER: Mutex<Option<Giver>> = Mutex::new(None);

/// From now on `give` is asked for room wherever this process cannot write for want of it. It says whether it gave any, and writes
/// nothing itself.
pub fn when_full(give: impl FnMut() -> bool + Send + 'static) {
    *GIVER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(give));
}

/// Whether that was refused because a disk or a share of it is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Writes, once more where room was given.
pub(super) fn with_room<T>(write: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match write() {
        Err(error) if is_full(&error) => {
            let mut giver = GIVER.lock().unwrap_or_else(PoisonError::into_inner);
            let has_given = giver.as_mut().is_some_and(|give| give());
            drop(giver);
            if has_given { write() } else { Err(error) }
        }
        written => written,
    }
}
