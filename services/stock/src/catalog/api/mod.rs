//! The catalogue over gRPC.

mod convert;
mod handlers;

use super::domain::Kind;
use super::usecase::Catalog;
use crate::grpc::fields::above_zero;
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
pub fn kind(product: i32, state: i32, size: i32, packaging: i32) -> Kind {
    Kind {
        product: ProductId(product),
        state: StateId(state),
        size: above_zero(size, SizeId),
        packaging: above_zero(packaging, PackagingId),
    }
}
