//! The program: one command, then its exit code.

use std::process::ExitCode;

use clap::Parser;
use runner::cli::Cli;
use runner::commands::{self, Exit};
use runner::console;

fn main() -> ExitCode {
    runner::memory::keep_freed();
    runner::files::be_told_of_limits();
    match commands::execute(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = commands::exit_of(&error);
            // A wrong experiment file brings its own lines, each beginning with `error:`.
            if error.is::<runner::language::SpecError>() {
                console::say(&error.to_string());
            } else {
                console::say(&format!("error: {error:#}"));
            }
            Exit::into(exit)
        }
    }
}
