//! What grows where, over gRPC.

mod convert;
mod handlers;

pub use convert::{category, category_or_any};

use super::usecase::Beds;
use crate::grpc::metrics::Operations;

/// `ConfigurationService`.
#[derive(Clone)]
pub struct Api {
    beds: Beds,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(beds: Beds, operations: Operations) -> Self {
        Self { beds, operations }
    }
}
