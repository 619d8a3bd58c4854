//! Taking photos in.

mod admission;
pub(crate) mod forms;
mod receive;
