//! `demeter model verify`: whether a model gives the outputs it should.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use demeter_yolo::{Device, Model, OutputError, Precision};

use crate::terminal;

/// The largest relative error that still counts as the same output.
const TOLERANCE: f64 = 1e-3;
/// The same for weights that were rounded to 16 bits, against outputs of the
/// weights before the rounding: PyTorch itself is off by 4e-3 then, and a
/// segment network by up to 1.7e-2.
const HALF_TOLERANCE: f64 = 2e-2;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Weights as safetensors or Ultralytics .pt.
    #[arg(long)]
    weights: PathBuf,
    /// A safetensors file with `image`, `prediction` and, for segmentation,
    /// `prototypes`.
    #[arg(long)]
    reference: PathBuf,
    /// The largest relative error that passes, instead of 1e-3 (2e-2).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    tolerance: Option<f64>,
}

/// Prints the largest relative error of each output; fails above the tolerance.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let model = Model::load(&args.weights, &Device::Cpu)
        .with_context(|| format!("cannot load {}", args.weights.display()))?;
    let errors = demeter_yolo::verify(&model, &args.reference)
        .with_context(|| format!("cannot compare with {}", args.reference.display()))?;
    let usual = match model.spec().precision {
        Precision::Single => TOLERANCE,
        Precision::Half => {
            terminal::print(
                "the weights are stored in half precision, which alone moves the outputs",
            );
            HALF_TOLERANCE
        }
    };
    let tolerance = args.tolerance.unwrap_or(usual);
    for OutputError {
        name,
        relative_error,
        relative_rms,
    } in &errors
    {
        terminal::print(&format!(
            "{name:<12} largest relative error {relative_error:.2e} (at most {tolerance:.0e}), rms {relative_rms:.2e}"
        ));
    }
    let agree = errors.iter().all(|error| error.relative_error <= tolerance);
    ensure!(agree, "the outputs differ by more than {tolerance:.0e}");
    Ok(())
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a number from 0 to 1, such as 1e-3".to_owned()),
    }
}
