//! A package by the registry's own client: `npm pack NAME@VERSION`. What it brings is not trusted here; `fetch` checks it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::manifest::Package;

/// How long npm may take for one package.
const TIME_LIMIT: Duration = Duration::from_secs(10 * 60);

/// How often it is asked whether it is done.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The client's program; on Windows it is a script, which is only found by its whole name.
const PROGRAM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Brings the package into an empty folder and names its file.
///
/// # Errors
/// When there is no npm, when it fails or takes more than ten minutes, or when it leaves no package.
pub(super) fn pack(package: &Package, folder: &Path) -> Result<PathBuf> {
    let request = package.request();
    let messages = folder.join("messages.txt");
    let mut command = Command::new(PROGRAM);
    command
        .args(["pack", &request, "--loglevel=error", "--pack-destination"])
        .arg(folder)
        // Away from any package.json or .npmrc of the folder that the user is in.
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&messages).with_context(|| format!("failed to write {}", messages.display()))?);
    let by_hand = format!("or run `npm pack {request}` on another machine and name the file it brings with --from");
    let status = match finish(&mut command, TIME_LIMIT) {
        Ok(status) => status,
        Err(error) if is_absent(&error) => bail!(
            "there is no `npm` program, which brings {request}\n  help: install Node.js, which npm is a part of (as `apt install npm`, `brew install node`, or from https://nodejs.org); {by_hand}"
        ),
        Err(error) => return Err(error.context(format!("`npm pack {request}` did not finish"))),
    };
    if !status.success() {
        let said = fs::read_to_string(&messages).unwrap_or_default();
        bail!(
            "`npm pack {request}` failed ({status})\n{}\n  help: try again when the registry can be reached; {by_hand}",
            last_lines(&said, 8)
        );
    }
    packed(folder).with_context(|| format!("`npm pack {request}` left no package"))
}

/// Runs a command to its end, or ends it at the time limit.
fn finish(command: &mut Command, limit: Duration) -> Result<ExitStatus> {
    let mut child = command.spawn()?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            bail!("it was ended after {} s", limit.as_secs());
        }
        std::thread::sleep(ASK_EVERY);
    }
}

/// Whether the program could not be found.
fn is_absent(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

/// The one package in a folder. npm decides on its name, and scoped packages follow another rule than others.
fn packed(folder: &Path) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            found.push(path);
        }
    }
    match found.as_slice() {
        [path] => Ok(path.clone()),
        _ => bail!("there are {} files of the kind .tgz", found.len()),
    }
}

/// The end of what a program said, a little indented.
fn last_lines(said: &str, count: usize) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    let lines: Vec<String> = lines[lines.len().saturating_sub(count)..]
        .iter()
        .map(|line| format!("  | {line}"))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_told_from_one_that_fails() {
        let limit = Duration::from_secs(5);
        let error = finish(&mut Command::new("no-such-program-here"), limit).unwrap_err();
        assert!(is_absent(&error), "{error}");
        assert!(!is_absent(&anyhow::anyhow!("another error")));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let started = Instant::now();
        let mut command = Command::new("sleep");
        let error = finish(command.arg("60"), Duration::from_millis(100)).unwrap_err();
        assert!(error.to_string().contains("was ended"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn exactly_one_package_is_expected() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("messages.txt"), "").unwrap();
        assert!(packed(folder.path()).is_err());
        let first = folder.path().join("a-1.0.0.tgz");
        fs::write(&first, "").unwrap();
        assert_eq!(packed(folder.path()).unwrap(), first);
        fs::write(folder.path().join("b-1.0.0.tgz"), "").unwrap();
        assert!(packed(folder.path()).is_err());
    }

    #[test]
    fn only_the_end_of_a_long_message_is_shown() {
        assert_eq!(last_lines("a\nb\n\nc\n", 2), "  | b\n  | c");
        assert_eq!(last_lines("", 2), "");
    }
}
