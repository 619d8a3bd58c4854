//! Batches and the ledger.

mod batches;
mod late_facts;
mod many;
mod movements;
pub(crate) mod photo_counts;
mod reversals;
mod transplants;
