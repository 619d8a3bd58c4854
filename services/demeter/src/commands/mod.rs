//! One file per command.

mod admin;
mod bench;
mod demo;
mod detect;
mod docs;
mod healthcheck;
mod import;
mod migrate;
mod model;
mod up;

use crate::cli::{BenchCommand, Command, Import, ModelCommand};

/// Runs one command; its output goes to standard output, everything else that
/// it has to say to standard error.
pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Up(args) => up::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Migrate(args) => migrate::run(&args).await,
        Command::CreateAdmin(args) => admin::run(&args).await,
        Command::Import(Import::Places(args)) => import::places(&args).await,
        Command::Detect(args) => detect::run(&args),
        Command::Model(ModelCommand::Verify(args)) => model::verify(&args),
        Command::Bench(BenchCommand::Infer(args)) => bench::infer(&args),
        Command::Healthcheck(args) => healthcheck::run(&args).await,
        Command::Docs(args) => docs::run(&args),
        Command::GatewayFiles(args) => crate::gateway::write_files(&args.out),
    }
}

/// A line of progress for the person who waits.
#[expect(
    clippy::print_stderr,
    reason = "a command line program speaks to its user"
)]
fn progress(line: &str) {
    eprintln!("  {line}");
}

/// A line of the command's output.
#[expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user"
)]
fn print(line: &str) {
    println!("{line}");
}
