//! Pictures: read under limits, drawn, and kept in the object store.

mod domain;
pub mod imaging;
mod objects;

pub use domain::{FileRefusal, Format, Variant};
pub use objects::Pictures;
