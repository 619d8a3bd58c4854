//! Commands about the model that counts.

pub(super) mod bench;
pub(super) mod detect;
mod evaluate;
mod verify;

use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Compares a model's outputs with a reference file: prints the largest
    /// relative error of each output, exits 1 when one is above 1e-3 (2e-2 where the
    /// weights are stored in half precision).
    Verify(verify::Args),
    /// Counts sets of pictures whose plants are known, as the service would, and says
    /// how well: per set, never per picture.
    ///
    /// A picture's plants are marked in `NAME.txt` (YOLO: a line `class cx cy w h` per
    /// plant; an empty file where there is none), `NAME.xml` (Pascal VOC),
    /// `NAME.truth.json` or the folder's `truth.json`; boxes of `NAME.ignore.txt` count
    /// neither way. Sets that are not on this machine are named and skipped.
    Evaluate(evaluate::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify(args) => verify::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
    }
}
