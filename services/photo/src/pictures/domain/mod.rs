//! What a picture is, and why one is refused. Pure.

mod file;
mod variant;

pub use file::{FileRefusal, Format};
pub use variant::Variant;
