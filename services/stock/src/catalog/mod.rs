//! What is grown, how it is packed and what it costs.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
