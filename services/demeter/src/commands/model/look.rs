//! How a model is run, where a person may say it.

use demeter_inference::{OutOfRange, Parameters, Search};
use demeter_yolo::DeviceChoice;

/// Where the model runs, and how it looks.
#[derive(clap::Args)]
pub(super) struct Look {
    /// Where the model runs: auto, cpu, cuda or cuda:N, the latter two also with
    /// /f16, /bf16 or /f32.
    #[arg(long, default_value = "auto")]
    pub(super) device: DeviceChoice,
    /// Drops what the model is less sure of, 0 to 1.
    #[arg(long, default_value_t = 0.25)]
    min_confidence: f32,
    /// Which windows are looked at: adaptive (coarse resolutions first, finer ones only
    /// where they may change the count) or exhaustive (all).
    #[arg(long, default_value_t = Search::Adaptive)]
    search: Search,
}

// === impl Look ===

impl Look {
    /// What the search is told; fails when a number is out of its range.
    pub(super) fn parameters(&self) -> Result<Parameters, OutOfRange> {
        let parameters = Parameters::default().with_min_confidence(self.min_confidence)?;
        Ok(parameters.with_search(self.search))
    }
}
