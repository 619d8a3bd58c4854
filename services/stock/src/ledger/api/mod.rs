//! Batches and the ledger over gRPC.

mod convert;
mod handlers;

use super::usecase::Ledger;
use crate::grpc::metrics::Operations;

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
