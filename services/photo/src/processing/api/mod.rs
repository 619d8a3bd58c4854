//! `ProcessingService`: decodes, calls, encodes.

pub(crate) mod convert;
mod handlers;

pub use handlers::ProcessingApi;
