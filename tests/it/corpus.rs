//! The kept inputs of the fuzzer: what was found once stays mended, and what is well formed goes all the way.

#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn no_kept_input_makes_a_reader_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for target in targets::TARGETS {
        let inputs = fs::read_dir(corpus.join(target.name)).expect("each target has inputs");
        let mut inputs: Vec<_> = inputs.map(|entry| entry.expect("it can be listed").path()).collect();
        inputs.sort();
        assert!(inputs.len() >= 2, "{} has no inputs", target.name);
        for input in inputs {
            let bytes = fs::read(&input).expect("an input can be read");
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            // Cut off at a few places too: what a killed writer leaves.
            for length in [
                bytes.len(),
                bytes.len() / 2,
                bytes.len().saturating_sub(1),
                1.min(bytes.len()),
            ] {
                eprintln!("{} {length}", input.display());
                (target.feed)(&bytes[..length], folder.path());
            }
        }
    }
}
