//! What grows where: a location's bins, and what is expected to grow in it.

pub mod bin;
pub mod configuration;
pub mod freshness;
pub mod operation;
