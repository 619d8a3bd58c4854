//! Batches, and the movements that are the only way their quantities change.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
