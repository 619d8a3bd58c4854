//! The tables of batches and of the ledger.

mod batches;
pub mod entity;
mod movements;
mod photo_counts;

pub use batches::BatchFilter;
pub use movements::MovementFilter;
