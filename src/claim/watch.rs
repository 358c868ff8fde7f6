//! Claims of others, as this process sees them grow old.

use std::collections::BTreeMap;
use std::time::Instant;

use super::lease;
use super::owner::Seen;
use crate::files::Place;

/// What this process has seen of others' claims, and since when by its own clock.
#[derive(Debug, Default)]
pub(crate) struct Watch(BTreeMap<Place, (Vec<u8>, Instant)>);

impl Watch {
    /// Whether a claim that was just seen is of nobody any more: its process is gone, or its content the same as for a whole lease.
    pub(crate) fn is_dead(&mut self, seen: &Seen) -> bool {
        seen.is_gone() || self.is_old(&seen.place, &seen.content, Instant::now())
    }

    /// Whether the content that was found there `now` has been the same for a whole lease.
    pub(super) fn is_old(&mut self, place: &Place, content: &[u8], now: Instant) -> bool {
        match self.0.get(place) {
            Some((before, since)) if before == content => now.saturating_duration_since(*since) >= lease(),
            _ => {
                self.0.insert(place.clone(), (content.to_owned(), now));
                false
            }
        }
    }
}
