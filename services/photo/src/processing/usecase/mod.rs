//! What workers and people do to a session.

mod process;
mod steer;

pub use process::{Processor, Progress};
pub use steer::Steering;
