//! What a movement is of: a batch, or plants of a kind in a bed.

use crate::catalog::domain::Kind;
use crate::ids::{BatchId, LocationId, PackagingId, ProductId, SizeId, StateId};
use crate::invalid::Invalid;

/// What a movement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A batch.
    Batch(BatchId),
    /// Plants of a kind in a bed.
    Bed(BedKind),
}

/// Plants of a kind in a bed. Plants that go may be of any state, size and packaging
/// that is not said; plants that come have those that are said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedKind {
    /// The bed.
    pub location: LocationId,
    /// What they are.
    pub product: ProductId,
    /// How far they are.
    pub state: Option<StateId>,
    /// How big they are.
    pub size: Option<SizeId>,
    /// What they are packed in.
    pub packaging: Option<PackagingId>,
}

// === impl BedKind ===

impl BedKind {
    /// Whether plants of a kind are meant.
    pub fn covers(&self, kind: Kind) -> bool {
        self.product == kind.product
            && self.state.is_none_or(|state| state == kind.state)
            && (self.size.is_none() || self.size == kind.size)
            && (self.packaging.is_none() || self.packaging == kind.packaging)
    }

    /// What plants that come are.
    pub fn kind(&self) -> Result<Kind, Invalid> {
        let missing = || {
            let field = "bed.product_state_id";
            Invalid::new(
                field,
                "is required where plants come: it says how far they are",
            )
        };
        Ok(Kind {
            product: self.product,
            state: self.state.ok_or_else(missing)?,
            size: self.size,
            packaging: self.packaging,
        })
    }
}
