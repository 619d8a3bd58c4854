//! Batches and the ledger over gRPC.

mod convert;
mod handlers;

use chrono::{DateTime, Utc};
use prost_types::Timestamp;

use super::domain::quantity::{Change, Quantity};
use super::usecase::Ledger;
use crate::grpc::fields::instant;
use crate::grpc::metrics::Operations;
use crate::invalid::Invalid;

/// `BatchService` and `MovementService`.
#[derive(Clone)]
pub struct Api {
    ledger: Ledger,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(ledger: Ledger, operations: Operations) -> Self {
        Self { ledger, operations }
    }
}

/// A number of plants or pots as the proto counts them. No nursery has two
/// thousand million of them; more would be told as that many.
pub fn plants(quantity: Quantity) -> i32 {
    i32::try_from(quantity.get()).unwrap_or(i32::MAX)
}

/// The plants that a request brings in.
fn coming(plants: i32) -> Result<Change, Invalid> {
    Change::coming(plants.into()).ok_or_else(|| Invalid::new("quantity", "must be above 0"))
}

/// When what a request enters took effect; `None` when it does not say.
fn effective(time: Option<Timestamp>) -> Result<Option<DateTime<Utc>>, Invalid> {
    time.map(|time| instant("effective_time", Some(time)))
        .transpose()
}
