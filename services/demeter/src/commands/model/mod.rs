//! Commands about the model that counts.

pub(super) mod bench;
mod calibrate;
pub(super) mod detect;
mod evaluate;
mod look;
mod pictures;
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
    /// Fits what a model's boxes are worth to pictures whose plants are known, says how
    /// good the fit is on pictures that were held out, and writes the weights with it.
    ///
    /// Beside each picture NAME.txt marks its plants (YOLO: a line `class cx cy w h`
    /// per plant, an empty file where there is none), or the folder's truth.json does;
    /// boxes of NAME.ignore.txt count neither way. Every folder at or below a FOLDER
    /// that holds pictures is a set. Instead of folders, a list: a CSV file of lines
    /// `file,plants`, for pictures that were only counted.
    Calibrate(calibrate::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify(args) => verify::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
    }
}
