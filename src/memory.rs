//! What the allocator keeps for the next training step.
//!
//! A step asks for the same large blocks as the one before. glibc gives blocks of that size back to the system as soon as they
//! are freed, and the system hands them out again page by page, each page cleared: up to half of the time of a small network's
//! step, and a time that changes from run to run.

/// Gives back to the system what is kept: a process that goes on to other work may not need it, and others may.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "malloc_trim is a function of C")]
        // Sound: it takes a number alone, and touches memory that nobody has.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

/// Keeps freed memory for the next block, of whatever size. Call it before the first large block.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "mallopt is a function of C")]
        // Sound: mallopt takes numbers alone, and says with its result whether it knows them; an allocator that does not is
        // slower and nothing else.
        unsafe {
            // No block has a mapping of its own, which would go back as soon as it is freed.
            libc::mallopt(libc::M_MMAP_MAX, 0);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        }
    }
}

/// glibc's settings, read when a process starts.
const SETTINGS: &str = "GLIBC_TUNABLES";

/// What large pages are asked for by: glibc since 2.35 knows it, others pass it over.
const LARGE_PAGES: &str = "glibc.malloc.hugetlb";

/// An environment variable and its value with which a process gets its memory in large pages where the system has them: the weights
/// of a ResNet50 are 230 MB in small pages of 4 KB, more than the processor remembers the places of. `None` where whoever started
/// this process has decided about it.
pub fn large_pages() -> Option<(&'static str, String)> {
    let given = std::env::var(SETTINGS).unwrap_or_default();
    with_large_pages(&given).map(|settings| (SETTINGS, settings))
}

fn with_large_pages(given: &str) -> Option<String> {
    if given.contains(LARGE_PAGES) {
        return None;
    }
    let separator = if given.is_empty() { "" } else { ":" };
    Some(format!("{given}{separator}{LARGE_PAGES}=1"))
}

#[cfg(test)]
mod tests {
    use super::with_large_pages;

    #[test]
    fn what_was_set_before_stays() {
        assert_eq!(with_large_pages("").as_deref(), Some("glibc.malloc.hugetlb=1"));
        assert_eq!(
            with_large_pages("glibc.malloc.arena_max=1").as_deref(),
            Some("glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1")
        );
        assert_eq!(with_large_pages("glibc.malloc.hugetlb=0"), None);
    }
}
