//! The place hierarchy: warehouses, areas and locations with their outlines.

pub mod api;
pub mod domain;
pub mod store;
pub mod usecase;
