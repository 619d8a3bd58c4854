//! Reads that join what the subjects below keep apart.

pub mod api;
pub mod domain;
pub mod store;
