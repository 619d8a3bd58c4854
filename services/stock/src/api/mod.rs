//! gRPC in, gRPC out: a handler decodes, calls, encodes.

mod batches;
mod catalog;
mod configurations;
mod convert;
mod locations;
mod metrics;
mod movements;
mod page_token;
mod status;

pub use metrics::Operations;

use crate::usecase::Stock;

/// All five services of `demeter.stock.v1`.
#[derive(Clone)]
pub struct Api {
    stock: Stock,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(stock: Stock, operations: Operations) -> Self {
        Self { stock, operations }
    }
}
