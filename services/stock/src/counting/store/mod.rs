//! The tables of densities and of count sessions.

pub mod densities;
mod entity;
pub mod entries;
pub mod lines;
pub mod samples;
pub mod sessions;
pub mod standing;
