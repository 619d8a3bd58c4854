//! Batches and the ledger.

mod batches;
pub(crate) mod photo_counts;
