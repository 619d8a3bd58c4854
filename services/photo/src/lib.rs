//! Owns photos, their upload, processing sessions and results; drives inference and posts counts to stock.

pub mod domain;
pub mod imaging;
