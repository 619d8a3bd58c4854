//! Between the protos of this subject and its types.

mod bins;
mod configurations;
mod operations;

pub use bins::{category, category_or_any};
pub(super) use configurations::{color, told};
