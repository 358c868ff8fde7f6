//! A file system that fails on purpose: a library before the system's own (`faults.c`), made by the compiler that Rust links with.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::project::{Project, Ran};

/// What fails, below a project's results and cache.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The calls that count, as `open,write`.
    pub calls: &'static str,
    /// The system's number of the error.
    pub error: i32,
    /// The first call that fails, from 1; 0: none.
    pub from: u64,
    /// Whether all later ones fail too.
    pub lasts: bool,
    /// Whether a write takes a part of its bytes before it fails.
    pub is_short: bool,
}

/// All calls that change something.
pub const WRITING: &str = "open,write,fsync,rename,mkdir,unlink,truncate,link";

impl Fault {
    /// Nothing fails; the calls are counted.
    pub const fn none(calls: &'static str) -> Self {
        Self {
            calls,
            error: 0,
            from: 0,
            lasts: false,
            is_short: false,
        }
    }

    /// The same where writes take a part of their bytes before they fail.
    pub const fn short(self) -> Self {
        let is_short = true;
        Self { is_short, ..self }
    }
}

/// A command that ran under a fault.
pub struct Suffered {
    pub ran: Ran,
    /// How many calls counted.
    pub calls: u64,
    /// Every call below results and cache with the error that it was given, 0 for none: `fsync results/a 0`.
    pub log: Vec<String>,
}

/// Runs a command of a project under a fault.
pub fn suffer(project: &Project, arguments: &[&str], fault: Fault) -> Suffered {
    let mut command = project.command(arguments);
    let ran = Ran::from(
        under(&mut command, project, fault)
            .output()
            .expect("runner starts, and with it the library"),
    );
    let count = fs::read(project.path("count")).expect("calls were counted");
    let calls = u64::from_ne_bytes(count[..8].try_into().expect("eight bytes"));
    let root = format!("{}/", project.path("").display()).replace("//", "/");
    let log = project.read("log").replace(&root, "");
    let log = log.lines().map(str::to_owned).collect();
    Suffered { ran, calls, log }
}

/// A command that will run under a fault.
pub fn under<'a>(command: &'a mut Command, project: &Project, fault: Fault) -> &'a mut Command {
    fs::write(project.path("count"), [0; 16]).expect("it can be written");
    fs::write(project.path("log"), "").expect("it can be written");
    let below = ["results", ".cache"].map(|name| project.path(name).display().to_string());
    command
        .env("LD_PRELOAD", library())
        .env("FAULTS_BELOW", below.join(":"))
        .env("FAULTS_CALLS", fault.calls)
        .env("FAULTS_ERROR", fault.error.to_string())
        .env("FAULTS_FROM", fault.from.to_string())
        .env("FAULTS_COUNT", project.path("count"))
        .env("FAULTS_LOG", project.path("log"));
    if !fault.lasts {
        command.env("FAULTS_TO", fault.from.to_string());
    }
    if fault.is_short {
        command.env("FAULTS_SHORT", "1");
    }
    command
}

/// The library, made once for these tests.
pub fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join("faults.so");
        let made = folder.join(format!("faults-{}.so", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/faults.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([made.as_os_str(), source.as_ref()])
            .arg("-ldl")
            .output()
            .expect("cc, by which Rust links, is there");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        // Tests of another process may use the one that is there.
        fs::rename(&made, &library).expect("it can be moved");
        library
    })
}
