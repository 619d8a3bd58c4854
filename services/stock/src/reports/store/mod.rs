//! What stands where now, and what stood where at any instant.

pub mod as_of;
pub mod standing;
