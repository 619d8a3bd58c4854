//! What may happen to plants: types and rules, no I/O.

pub mod batch;
pub mod closed;
pub mod count;
pub mod fact;
pub mod fifo;
pub mod movement;
pub mod quantity;
pub mod settle;
pub mod share;
pub mod sureness;
