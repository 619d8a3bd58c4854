//! Takes photos in.

pub mod admission;
pub(crate) mod api;
pub mod domain;
pub mod intake;
pub mod store;
pub mod usecase;

/// The topic that wakes workers.
pub const JOBS: &str = "photo.jobs";
