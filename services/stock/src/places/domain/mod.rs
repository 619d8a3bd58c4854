//! Where things are: types and rules, no I/O.

pub mod hierarchy;
pub mod outline;
pub mod place;
