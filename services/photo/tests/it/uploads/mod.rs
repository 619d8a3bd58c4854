//! Taking photos in.

pub(crate) mod forms;
mod receive;
