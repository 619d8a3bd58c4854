//! Commands about the model that counts.

pub(super) mod bench;
pub(super) mod detect;
mod verify;

use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Compares a model's outputs with a reference file: prints the largest
    /// relative error of each output, exits 1 when one is above 1e-3 (2e-2 where the
    /// weights are stored in half precision).
    Verify(verify::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify(args) => verify::run(&args),
    }
}
