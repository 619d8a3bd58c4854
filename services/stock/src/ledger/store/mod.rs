//! The tables of batches and of the ledger. One function is one query.

pub mod batches;
pub mod closed_months;
pub mod entity;
pub mod hand_counts;
pub mod movements;
pub mod photo_counts;

use crate::database::StoreError;
use crate::ledger::domain::quantity::Quantity;

/// A stored number of plants or pots.
fn quantity(stored: i64) -> Result<Quantity, StoreError> {
    Quantity::new(stored).ok_or(StoreError::Corrupt("quantity"))
}
