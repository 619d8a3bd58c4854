//! Between the protos of this subject and its types.

mod density;
pub mod session;
