//! One file per command, in a room per purpose.

mod data;
mod model;
mod run;
mod setup;

use crate::cli::{BenchCommand, Command, Import, ModelCommand};

/// Runs one command; its output goes to standard output, everything else that
/// it has to say to standard error.
pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Up(args) => run::up::run(args).await,
        Command::Demo(args) => run::demo::run(args).await,
        Command::Migrate(args) => setup::migrate::run(&args).await,
        Command::CreateAdmin(args) => setup::admin::run(&args).await,
        Command::Import(Import::Places(args)) => data::import::places(&args).await,
        Command::Detect(args) => model::detect::run(&args),
        Command::Model(ModelCommand::Verify(args)) => model::verify::verify(&args),
        Command::Bench(BenchCommand::Infer(args)) => model::bench::infer(&args),
        Command::Healthcheck(args) => setup::healthcheck::run(&args).await,
        Command::Docs(args) => setup::docs::run(&args),
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
