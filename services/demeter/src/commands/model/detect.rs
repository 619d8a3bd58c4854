//! `demeter detect`: what a model sees in a picture.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use demeter_inference::{Parameters, Search, detect};
use demeter_yolo::DeviceChoice;

use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// JPEG, PNG or WebP.
    image: PathBuf,
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long)]
    weights: Option<PathBuf>,
    /// Where the model runs: auto, cpu, cuda or cuda:N, the latter two also with
    /// /f16, /bf16 or /f32.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Drops what the model is less sure of, 0 to 1.
    #[arg(long, default_value_t = 0.25)]
    min_confidence: f32,
    /// Which windows are looked at: adaptive (coarse resolutions first, finer ones only
    /// where they may change the count) or exhaustive (all).
    #[arg(long, default_value_t = Search::Adaptive)]
    search: Search,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Also writes the picture with a box per object, as PNG.
    #[arg(long, value_name = "PNG")]
    out: Option<PathBuf>,
}

/// Prints the objects in a picture, most confident first.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let image =
        fs::read(&args.image).with_context(|| format!("cannot read {}", args.image.display()))?;
    let loaded = demeter_inference::load(args.weights.as_deref(), args.device)?;
    let parameters = Parameters::default()
        .with_min_confidence(args.min_confidence)?
        .with_search(args.search);
    let report = detect::run(&image, &loaded, &parameters)?;
    if let Some(path) = &args.out {
        let png = detect::draw(&image, &report)?;
        fs::write(path, png).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        terminal::print(&serde_json::to_string_pretty(&report)?);
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
        terminal::print(&format!(
            "{label:<16} {confidence:.2}  x {x_min:>6.0} to {x_max:>6.0}  y {y_min:>6.0} to {y_max:>6.0}"
        ));
    }
    terminal::print(&report.estimate.to_string());
    Ok(())
}
