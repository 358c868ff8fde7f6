//! Whose a file is that is being written, and whether its writer is gone.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// Starts the name of a file that is being written; readers pass over it, and the next sweep removes what was left. After it
/// stand the machine, the process that writes with the time of its start, and a number.
pub const PARTIAL: &str = ".partial-";

/// When nobody writes a file any more that another machine began, or of which nobody knows.
const SURELY_LEFT: Duration = Duration::from_secs(24 * 3600);

/// How the names of all files begin that this process writes.
pub(super) fn own_prefix() -> &'static str {
    static PREFIX: OnceLock<String> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let process = std::process::id();
        // 0 where the system does not tell: then the process alone says whether it is gone.
        let start = start_of(process).unwrap_or_default();
        format!("{PARTIAL}{}-{process}-{start}-", machine())
    })
}

/// A few characters that tell this machine from others that share a folder with it.
pub fn machine() -> &'static str {
    static MACHINE: OnceLock<String> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let told = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let told = told.or_else(|_| fs::read_to_string("/proc/sys/kernel/hostname"));
        // Containers of one machine have processes of their own, which others among them cannot see.
        let processes = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let told = told.unwrap_or_default() + &processes.to_string_lossy();
        let digest = blake3::hash(told.as_bytes()).to_hex();
        digest[..8].to_owned()
    })
}

/// Whether a file of that name is one that was being written when its writer ended: of a process that this machine has no more,
/// or of another machine and more than a day old. `age` tells how old it is. Of this machine's own no clock decides: one that
/// jumps would take a file from under its writer.
pub fn is_left_over(name: &str, age: impl Fn() -> Duration) -> bool {
    // What this program wrote under other names before.
    let earlier = name.starts_with(".tmp") || name.starts_with('.') && name.ends_with(".partial");
    let Some(rest) = name.strip_prefix(PARTIAL) else {
        return earlier && age() > SURELY_LEFT;
    };
    let parts: Vec<&str> = rest.split('-').collect();
    match parts[..] {
        [on, process, start, number] if on == machine() => {
            match (process.parse::<u32>(), start.parse::<u64>(), number.parse::<u64>()) {
                (Ok(process), Ok(start), Ok(_)) => is_gone(process, start),
                _ => age() > SURELY_LEFT,
            }
        }
        // As written before the time of the start stood in it.
        [on, process, _] if on == machine() => {
            process.parse().is_ok_and(|process| is_gone(process, 0)) || age() > SURELY_LEFT
        }
        _ => age() > SURELY_LEFT,
    }
}

/// Whether this machine surely runs no process of that number that began at that time, 0 where that is not known.
pub fn is_gone(process: u32, start: u64) -> bool {
    if !Path::new("/proc/self").exists() {
        return false;
    }
    match start_of(process) {
        None => true,
        // A number is given again to another process.
        Some(found) => start != 0 && found != start,
    }
}

/// When a process of this machine began, in the system's own count since it was started, which no clock changes; none where there
/// is no such process or it has ended. One that has ended stays in the list of processes until its parent takes note, and writes no
/// more.
pub fn start_of(process: u32) -> Option<u64> {
    // `12 (its name) S 1 …`, where the state is the third and the start the 22nd word.
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = told.rsplit_once(')')?;
    let mut words = after_name.split_whitespace();
    let state = words.next()?;
    (!state.starts_with(['Z', 'X'])).then(|| words.nth(18)?.parse().ok())?
}

/// The name of this machine; "unknown" where the system does not tell.
pub fn host() -> String {
    let told = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    told.or_else(|| std::env::var("HOSTNAME").ok())
        .map_or("unknown".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_that_is_gone_was_writing_is_left_over() {
        let (young, old) = (Duration::from_secs(1), 2 * SURELY_LEFT);
        let own = format!("{}7", own_prefix());
        // Whatever the clock says.
        assert!(!is_left_over(&own, || young) && !is_left_over(&own, || old));
        if Path::new("/proc/self").exists() {
            let of = |process: u32, start: u64| format!("{PARTIAL}{}-{process}-{start}-0", machine());
            let me = std::process::id();
            let start = start_of(me).expect("this process runs");
            assert!(is_left_over(&of(me, start + 1), || young), "its number was another's before");
            assert!(is_left_over(&of(u32::MAX, start), || young));
            let mut ended = std::process::Command::new("true").spawn().expect("it starts");
            // Nobody takes note of its end yet.
            let mut tries = (0..1000).map(|_| std::thread::sleep(Duration::from_millis(10)));
            assert!(tries.any(|()| is_left_over(&of(ended.id(), 0), || young)));
            ended.wait().expect("it has ended");
            let before = |process: u32| format!("{PARTIAL}{}-{process}-aB3", machine());
            assert!(!is_left_over(&before(me), || young) && is_left_over(&before(u32::MAX), || young));
        }
        for name in [
            ".partial-other-1-x",
            ".partial-other-1-2-3",
            ".partial-x",
            ".tmpAb3",
            ".last.7.partial",
        ] {
            assert!(!is_left_over(name, || young) && is_left_over(name, || old), "{name}");
        }
        assert!(!is_left_over("a.json", || old));
    }
}
