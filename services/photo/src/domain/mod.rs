//! What photos and their counts are, and how a session may change. Pure.

mod count;
mod file;
mod photo;
mod status;

pub use count::{Count, Detection, Model, Parameters};
pub use file::{FileRefusal, Format};
pub use photo::{LocationId, Photo, PhotoId, Position, Session, SessionId, Variant};
pub use status::{Event, Status, WrongStatus};
