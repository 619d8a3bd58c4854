//! How far a photo is, what is known by then, and how that may change. Pure.

mod lease;
mod session;
mod status;

pub use lease::Lease;
pub use session::{HeldUp, Session};
pub use status::{Counted, Event, Known, Status, WrongStatus};
