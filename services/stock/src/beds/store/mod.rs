//! The tables of bins and configurations.

mod bins;
mod configurations;
pub mod entity;
