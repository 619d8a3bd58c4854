//! The tables of bins and configurations, and the lock of a bed.

pub mod bins;
pub mod configurations;
pub mod configured;
pub mod entity;
pub mod locations;
pub mod operations;
