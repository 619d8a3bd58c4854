//! What the service does, one verb a file.

mod pictures;
pub mod ports;
mod process;
mod steer;
mod sweep;
mod upload;

pub use pictures::Pictures;
pub use process::{Processor, Progress};
pub use steer::Steering;
pub use sweep::sweep;
pub use upload::{Outcome, Rejected, Stored, Upload, Uploads};

/// The topic that wakes workers.
pub const JOBS: &str = "photo.jobs";
