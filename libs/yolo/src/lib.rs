//! YOLO11 detect and segment networks on candle: weights and pixels in, boxes and masks out.
//!
//! A [`Model`] is loaded from safetensors or straight from an Ultralytics `.pt`
//! checkpoint. Weight files are treated as hostile: a loader fails, it never
//! executes anything and never allocates more than the network it found needs.
#![warn(missing_docs)]

mod cpu;
mod detection;
#[cfg(any(feature = "cuda", test))]
mod device;
mod error;
mod letterbox;
mod mask;
mod model;
mod network;
mod runner;
mod source;
mod spec;
mod suppression;
mod target;
mod verify;

pub use candle_core::Device;
pub use detection::{Detection, Options};
pub use error::Error;
pub use mask::Mask;
pub use model::Model;
pub use network::Prediction;
pub use runner::StepTime;
pub use source::metadata::with_calibration;
pub use spec::{Architecture, Precision, Scale, Spec, Task};
pub use target::{DeviceChoice, Numbers, Target};
pub use verify::{OutputError, verify};

/// What this crate returns.
pub type Result<T> = std::result::Result<T, Error>;
