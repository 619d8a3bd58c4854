//! The tables of the place hierarchy.

pub mod entity;
mod reads;
mod save;
mod spatial;

pub use save::Stored;
