//! What workers and people do to a session.

mod advance;
mod analyse;
mod locate;
mod post;
mod setback;
mod steer;

pub use advance::{Processor, Progress};
pub use steer::Steering;
