//! How far a photo is, and how that may change. Pure.

mod session;
mod status;

pub use session::Session;
pub use status::{Event, Status, WrongStatus};
