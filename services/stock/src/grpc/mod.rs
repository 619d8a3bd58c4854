//! What every handler shares: fields, pages, counters, and the only file that
//! names gRPC codes.

pub mod fields;
pub mod listing;
pub mod metrics;
mod status;
