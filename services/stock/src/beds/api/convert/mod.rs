//! Between the protos of this subject and its types.

mod bins;
mod configurations;
mod operations;

pub(super) use configurations::{color, told};
