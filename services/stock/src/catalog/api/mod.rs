//! The catalogue over gRPC.

mod convert;
mod handlers;

use super::usecase::Catalog;
use crate::grpc::metrics::Operations;

/// `CatalogService`.
#[derive(Clone)]
pub struct Api {
    catalog: Catalog,
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(catalog: Catalog, operations: Operations) -> Self {
        Self {
            catalog,
            operations,
        }
    }
}
