//! `demeter detect`: what a model sees in a picture.

use std::fs;

use anyhow::Context as _;
use demeter_inference::{Parameters, detect};

use crate::cli::DetectArgs;

/// Prints the objects in a picture, most confident first.
pub(crate) fn run(args: &DetectArgs) -> anyhow::Result<()> {
    let image =
        fs::read(&args.image).with_context(|| format!("cannot read {}", args.image.display()))?;
    let loaded = demeter_inference::load(args.weights.as_deref(), args.device)?;
    let parameters = Parameters::default().with_min_confidence(args.min_confidence)?;
    let report = detect::run(&image, &loaded.model, &parameters)?;
    if let Some(path) = &args.out {
        let png = detect::draw(&image, &report)?;
        fs::write(path, png).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        crate::commands::print(&serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    for found in &report.detections {
        let detect::Found {
            label,
            confidence,
            x_min,
            y_min,
            x_max,
            y_max,
        } = found;
        crate::commands::print(&format!(
            "{label:<16} {confidence:.2}  x {x_min:>6.0} to {x_max:>6.0}  y {y_min:>6.0} to {y_max:>6.0}"
        ));
    }
    crate::commands::print(&format!("{} found", report.detections.len()));
    Ok(())
}
