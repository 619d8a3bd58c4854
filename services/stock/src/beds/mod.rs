//! What grows where: what a location is configured for, and its bins.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
