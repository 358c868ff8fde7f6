//! What of all checkpoints can go: ends of trainings, which only a cell of more epochs would miss, and on a full disk all of a
//! training but its last checkpoint.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Result;
use indicatif::BinaryBytes;

use super::trail::{ENDING, numbers};
use crate::files::{self, Place};
use crate::store::paths::Cache;

/// So many ends of trainings are kept, of all cells together.
const MOST_ENDS: usize = 1000;

/// So many bytes of them.
const MOST_BYTES_OF_ENDS: u64 = 1 << 30;

/// A checkpoint that can go.
struct Old {
    place: Place,
    bytes: u64,
    /// When it was written.
    written: Option<SystemTime>,
}

/// Removes the ends that were written first until the others are few and small enough. The newest of them, which lies in `newest`,
/// stays.
///
/// # Errors
/// When the file system refuses.
pub(super) fn bound_ends(newest: &Place) -> Result<()> {
    bound(newest, MOST_ENDS, MOST_BYTES_OF_ENDS)
}

fn bound(newest: &Place, most: usize, most_bytes: u64) -> Result<()> {
    let mut ends = Vec::new();
    for trail in newest.folder().listed()? {
        ends.extend(files_of(&trail)?);
    }
    let (mut count, mut bytes) = (ends.len(), ends.iter().map(|end| end.bytes).sum::<u64>());
    ends.retain(|end| end.place.folder() != *newest);
    ends.sort_by_key(|end| end.written);
    for end in ends {
        if count <= most && bytes <= most_bytes {
            break;
        }
        end.place.remove()?;
        end.place.folder().remove_if_empty()?;
        (count, bytes) = (count - 1, bytes - end.bytes);
    }
    Ok(())
}

/// From now on checkpoints give their room where this process cannot write for want of it: see [`give_room`]. It is told once in a process.
pub(crate) fn give_where_full(cache: Cache, tell: impl Fn(String) + Send + 'static) {
    static HAS_TOLD: AtomicBool = AtomicBool::new(false);
    files::when_full(move || {
        let (text, has_given) = match give_room(&cache) {
            Ok(None) => return false,
            Ok(Some(bytes)) => (
                format!("the disk is full: checkpoints gave {bytes} of it, and each training keeps its last"),
                true,
            ),
            Err(error) => (
                format!("the disk is full, and checkpoints could not give their room: {error:#}"),
                false,
            ),
        };
        if !HAS_TOLD.swap(true, Ordering::SeqCst) {
            tell(text);
        }
        has_given
    });
}

/// Gives the room of checkpoints to what is wanted more: removes all ends of trainings, and of each training that has no record yet
/// all but its last checkpoint. Gives how many bytes that were, in words; none where there was nothing to give.
///
/// # Errors
/// When the file system refuses.
fn give_room(cache: &Cache) -> Result<Option<String>> {
    let mut given = 0;
    for trail in cache.ends_folder()?.listed()? {
        for end in files_of(&trail)? {
            end.place.remove()?;
            given += end.bytes;
        }
    }
    for trail in cache.checkpoints_folder()?.listed()? {
        let mut saved = files_of(&trail)?;
        // Cells of more and fewer epochs lie beside each other: each keeps its last.
        saved.sort_by_key(|saved| numbers(saved.place.name()));
        for (index, earlier) in saved.iter().enumerate() {
            let epochs = |saved: &Old| numbers(saved.place.name()).map(|[epochs, ..]| epochs);
            if saved.get(index + 1).is_some_and(|later| epochs(later) == epochs(earlier)) {
                earlier.place.remove()?;
                given += earlier.bytes;
            }
        }
    }
    Ok((given > 0).then(|| BinaryBytes(given).to_string()))
}

/// The checkpoints in a folder of one training.
fn files_of(trail: &Place) -> Result<Vec<Old>> {
    let mut files = Vec::new();
    for place in trail.listed()? {
        // One that is gone meanwhile, or cannot be looked at, gives nothing.
        let Ok(look) = Path::symlink_metadata(place.path()) else {
            continue;
        };
        if look.is_file() && place.name().ends_with(ENDING) {
            files.push(Old {
                bytes: look.len(),
                written: look.modified().ok(),
                place,
            });
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(cache: &Cache, names: &[&str]) -> Result<Vec<Place>> {
        let folder = cache.ends_folder()?;
        let place = |name: &&str| folder.join(name)?.join("20.checkpoint");
        names.iter().map(place).collect()
    }

    #[test]
    fn the_ends_that_were_written_first_go_where_there_are_many() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let cache = Cache(folder.path().to_owned());
        let all = ends(&cache, &["a", "b", "c", "d"])?;
        for (hours, place) in [(3, &all[0]), (1, &all[1]), (2, &all[2]), (0, &all[3])] {
            place.write(b"12345")?;
            let file = std::fs::File::options().write(true).open(place.path())?;
            file.set_modified(SystemTime::now() - std::time::Duration::from_secs(3600 * (10 - hours)))?;
        }
        let there = || -> Result<Vec<bool>> { all.iter().map(Place::is_there).collect() };
        // The newest stays, whatever a clock says of it.
        let newest = all[3].folder();
        bound(&newest, 4, 20)?;
        assert_eq!(there()?, [true; 4]);
        bound(&newest, 3, 20)?;
        assert_eq!(there()?, [true, false, true, true]);
        assert!(!all[1].folder().is_there()?);
        bound(&newest, 3, 14)?;
        assert_eq!(there()?, [true, false, false, true]);
        bound(&newest, 0, 0)?;
        assert_eq!(there()?, [false, false, false, true]);
        Ok(())
    }

    #[test]
    fn on_a_full_disk_all_but_the_last_checkpoint_of_each_cell_can_go() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let cache = Cache(folder.path().to_owned());
        assert_eq!(give_room(&cache)?, None);
        let end = &ends(&cache, &["a"])?[0];
        end.write(b"12345")?;
        let trail = cache.checkpoints_folder()?.join("a")?;
        let names = ["20-9-1", "20-10-0", "50-3-0", "50-30-0", "50-30-2"];
        for name in names {
            trail.join(&format!("{name}{ENDING}"))?.write(b"123")?;
        }
        assert_eq!(give_room(&cache)?.as_deref(), Some("14 B"));
        assert!(!end.is_there()?);
        let left: Vec<String> = trail.listed()?.iter().map(|place| place.name().to_owned()).collect();
        assert_eq!(left, ["20-10-0.checkpoint", "50-30-2.checkpoint"]);
        Ok(())
    }
}
