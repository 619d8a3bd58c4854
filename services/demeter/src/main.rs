//! The operator's binary: runs the whole system in one process, and does the
//! jobs around it. `demeter --help` teaches the rest.

mod client;
mod commands;
mod gateway;
mod nursery;
mod openapi;
mod system;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;
use commands::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return say_failure(&error.into()),
    };
    let outcome = runtime.block_on(cli.run());
    // What still computes on a blocking thread must not hold up the end.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say_failure(&error),
    }
}

/// One line that says what is wrong, with its causes.
#[expect(
    clippy::print_stderr,
    reason = "a command line program speaks to its user"
)]
fn say_failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("demeter: {error:#}");
    ExitCode::FAILURE
}
