//! What stock is and what may happen to it: types and rules, no I/O.

pub mod batch;
pub mod beds;
pub mod catalog;
pub mod count;
pub mod hierarchy;
pub mod ids;
pub mod import;
pub mod movement;
pub mod outline;
pub mod place;
