//! Batches and the ledger.

mod batches;
mod late_facts;
pub(crate) mod photo_counts;
