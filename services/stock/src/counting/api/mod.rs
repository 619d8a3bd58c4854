//! Counting beyond single counts, over gRPC.

mod convert;
mod handlers;

use super::usecase::Counting;
use crate::grpc::metrics::Operations;

/// `DensityService` and `CountSessionService`.
#[derive(Clone)]
pub struct Api {
    counting: Counting,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(counting: Counting, operations: Operations) -> Self {
        Self {
            counting,
            operations,
        }
    }
}
