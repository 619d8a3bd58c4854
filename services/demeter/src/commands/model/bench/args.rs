//! What `demeter bench` is told.

use std::path::PathBuf;

use clap::{Subcommand, value_parser};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Times forward passes of a model: from an input that is ready to all boxes (and
    /// prototypes), nothing before and nothing after; with `--detect` also that.
    ///
    /// `make bench-infer` runs it in turn with other runtimes and compares.
    Infer(Args),
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long, value_name = "FILE")]
    pub(super) weights: Option<PathBuf>,
    /// Side of the square input in pixels, a multiple of 32.
    #[arg(long, value_name = "PIXELS", default_value = "640", value_parser = input_side)]
    pub(super) size: usize,
    /// Pictures per forward pass.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=256))]
    pub(super) batch: u16,
    /// Threads that compute; as many as there are cores without it.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Forward passes to time.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(super) runs: u32,
    /// Forward passes before the first one that is timed.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(super) warm_up: u32,
    /// A safetensors file with `input`, [B, 3, H, W] of values 0 to 1; noise of
    /// `--size` and `--batch` without it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["size", "batch"])]
    pub(super) input: Option<PathBuf>,
    /// Times all that is done with a picture instead: fitting it into the input, the
    /// network, and reading boxes and masks. Of this photo, `--batch` times.
    #[arg(long, value_name = "PHOTO", conflicts_with_all = ["input", "output", "profile"])]
    pub(super) detect: Option<PathBuf>,
    /// Also writes what the model answered, as safetensors with `prediction` and,
    /// of segment models, `prototypes`.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Prints one JSON object, with every time.
    #[arg(long)]
    pub(super) json: bool,
    /// Prints how long each layer takes instead, on the first picture of the batch: the
    /// median over `--runs`, and the rate in operations of the plain formula.
    #[arg(long, conflicts_with_all = ["json", "on_request", "output"])]
    pub(super) profile: bool,
    /// Runs only when asked, so that several programs can be timed in turn.
    ///
    /// Prints a line of JSON when ready, then reads lines from standard input: for
    /// each number it runs that many forward passes and answers a line with
    /// `times_ms`. At the end of the input the last line is `peak_memory_bytes`.
    #[arg(long, conflicts_with_all = ["runs", "json"])]
    pub(super) on_request: bool,
}

fn input_side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side) if (32..=8192).contains(&side) && side % 32 == 0 => Ok(side),
        _ => Err("not a multiple of 32 between 32 and 8192".to_owned()),
    }
}
