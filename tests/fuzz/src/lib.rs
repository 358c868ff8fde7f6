//! Fuzzing of everything that reads what others may have written; see `README.md`.

pub mod targets;

/// Feeds the target of that name, in a folder of its own.
pub fn feed(name: &str, bytes: &[u8]) {
    let target = targets::TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("the fuzzer names a target");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    (target.feed)(bytes, folder.path());
}
