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
