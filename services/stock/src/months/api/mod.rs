//! Month-ends over gRPC.

mod convert;
mod handlers;

use super::usecase::Months;
use crate::grpc::metrics::Operations;

/// `MonthService`.
#[derive(Clone)]
pub struct Api {
    months: Months,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(months: Months, operations: Operations) -> Self {
        Self { months, operations }
    }
}

/// A number of plants as the proto counts them, above or below zero. No nursery has two
/// thousand million of them; more would be told as that many.
pub fn count(plants: i64) -> i32 {
    let most = i64::from(i32::MAX);
    i32::try_from(plants.clamp(-most, most)).unwrap_or(i32::MAX)
}
