//! Taking photos in.

mod forms;
mod receive;
