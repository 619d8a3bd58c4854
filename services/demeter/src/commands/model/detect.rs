//! `demeter detect`: what a model sees in a picture.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use demeter_inference::{Rect, detect};

use super::look::Look;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// JPEG, PNG or WebP.
    image: PathBuf,
    /// Weights as safetensors or Ultralytics .pt; the built-in plant model
    /// without it.
    #[arg(long)]
    weights: Option<PathBuf>,
    #[command(flatten)]
    look: Look,
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
    let loaded = demeter_inference::load(args.weights.as_deref(), args.look.device)?;
    let parameters = args.look.parameters()?;
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
            rect:
                Rect {
                    x_min,
                    y_min,
                    x_max,
                    y_max,
                },
        } = found;
        terminal::print(&format!(
            "{label:<16} {confidence:.2}  x {x_min:>6.0} to {x_max:>6.0}  y {y_min:>6.0} to {y_max:>6.0}"
        ));
    }
    terminal::print(&report.estimate.to_string());
    Ok(())
}
