//! What workers and people do to a session.

mod advance;
mod analyse;
mod locate;
mod post;
mod setback;
mod steer;

pub use advance::{Processor, Progress};
pub use steer::Steering;

use super::domain::WrongStatus;
use crate::error::Error;

impl From<WrongStatus> for Error {
    fn from(wrong: WrongStatus) -> Self {
        Self::WrongStatus {
            status: wrong.stage.name(),
        }
    }
}
