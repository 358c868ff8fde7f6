//! One file per command: load, call, print.

mod announced;
mod cache_limit;
mod check;
mod diff;
mod explain;
mod features;
mod fetch;
mod list;
mod prune;
mod report;
mod run;
mod survey;
mod sweep;
mod trails;
mod turn;
mod worker;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Done = 0,
    /// A cell failed, or something outside the experiment did.
    Failed = 1,
    /// Wrong usage or a wrong experiment file.
    Wrong = 2,
    /// A cell is blocked because data are missing; the others ran.
    Blocked = 3,
    /// Interrupted; the next sweep goes on from there.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A mistake in the arguments that only shows beyond parsing them.
#[derive(Debug)]
pub struct WrongUsage(pub String);

impl std::fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// Runs one command.
///
/// # Errors
/// When something beside the cells goes wrong; [`exit_of`] tells the exit code.
pub fn execute(cli: Cli) -> Result<Exit> {
    crate::nn::simd::chosen().map_err(WrongUsage)?;
    match cli.command {
        Command::Sweep(arguments) => sweep::execute(&arguments),
        Command::Run(arguments) => run::execute(&arguments),
        Command::Features(arguments) => features::execute(&arguments),
        Command::List(arguments) => list::execute(&arguments),
        Command::Explain(arguments) => explain::execute(&arguments),
        Command::Check(arguments) => check::execute(&arguments),
        Command::Report(arguments) => report::execute(&arguments),
        Command::Diff(arguments) => diff::execute(&arguments),
        Command::Fetch(arguments) => fetch::execute(&arguments),
        Command::Prune(arguments) => prune::execute(&arguments),
    }
}

/// The exit code of an error.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<crate::language::SpecError>() || error.is::<WrongUsage>() {
        Exit::Wrong
    } else {
        Exit::Failed
    }
}
