//! The catalogue over gRPC.

mod convert;
mod handlers;

use super::domain::Kind;
use super::usecase::Catalog;
use crate::grpc::metrics::Operations;
use crate::ids::{PackagingId, ProductId, SizeId, StateId};

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

/// What plants are, from the four fields that say so.
pub fn kind(product: i32, state: i32, size: Option<i32>, packaging: Option<i32>) -> Kind {
    Kind {
        product: ProductId(product),
        state: StateId(state),
        size: size.map(SizeId),
        packaging: packaging.map(PackagingId),
    }
}
