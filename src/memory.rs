//! What the allocator keeps for the next training step.
//!
//! A step asks for the same large blocks as the one before. glibc gives blocks of that size back to the system as soon as they
//! are freed, and the system hands them out again page by page, each page cleared: up to half of the time of a small network's
//! step, and a time that changes from run to run.

/// Keeps freed memory for the next block of its size, up to the size that glibc allows. Call it before the first large block.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// The most that glibc takes from its heap: `HEAP_MAX_SIZE / 2` in its malloc.
        const LARGEST: i32 = 32 * 1024 * 1024;
        #[expect(unsafe_code, reason = "mallopt is a function of C")]
        // Sound: mallopt takes numbers alone, and says with its result whether it knows them; an allocator that does not is
        // slower and nothing else.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        }
    }
}
