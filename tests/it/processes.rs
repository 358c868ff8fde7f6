//! Sweeps and workers as processes: started, found, signalled.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "no {what} in a minute");
        sleep(Duration::from_millis(20));
    }
}

/// The processes that run a plan of this project.
pub fn workers(project: &Project) -> Vec<u32> {
    let folder = project.path(".cache/plans");
    let folder = folder.to_str().expect("its path is text");
    let processes = fs::read_dir("/proc").expect("Linux has /proc");
    let numbers = processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let runs = |process: &u32| {
        let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(folder) && !status.contains(") Z ")
    };
    numbers.filter(runs).collect()
}

pub fn a_worker(project: &Project) -> u32 {
    wait_for("worker", || workers(project).first().copied())
}

pub fn start(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

pub fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([name, &process.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

pub fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().expect("it ends"))
}
