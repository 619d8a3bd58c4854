//! What may happen to plants: types and rules, no I/O.

pub mod batch;
pub mod count;
pub mod movement;
pub mod quantity;
pub mod sureness;
