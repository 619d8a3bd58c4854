//! Batches and the ledger.

mod batches;
pub(crate) mod late_facts;
mod many;
pub(crate) mod movements;
pub(crate) mod photo_counts;
pub(crate) mod reversals;
pub(crate) mod transplants;
