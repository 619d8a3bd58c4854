//! From a stored photo to a posted count.

pub(crate) mod api;
pub mod domain;
pub mod store;
pub mod usecase;
pub mod worker;

pub use api::ProcessingApi;
