//! `demeter model`: examines weights.

use anyhow::{Context as _, ensure};
use demeter_yolo::{Device, Model};

use crate::cli::VerifyArgs;

/// The largest relative error that still counts as the same output.
const TOLERANCE: f64 = 1e-3;

/// Prints the largest relative error of each output; fails above the tolerance.
pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<()> {
    let model = Model::load(&args.weights, &Device::Cpu)
        .with_context(|| format!("cannot load {}", args.weights.display()))?;
    let errors = demeter_yolo::verify(&model, &args.reference)
        .with_context(|| format!("cannot compare with {}", args.reference.display()))?;
    for error in &errors {
        super::print(&format!(
            "{:<12} largest relative error {:.2e}",
            error.name, error.relative_error
        ));
    }
    let agree = errors.iter().all(|error| error.relative_error <= TOLERANCE);
    ensure!(agree, "the outputs differ by more than {TOLERANCE}");
    Ok(())
}
