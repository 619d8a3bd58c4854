//! Whether the catalogue has what a kind names.

use sea_orm::prelude::*;

use super::entity::{packaging, product, size, state};
use crate::catalog::domain::Kind;
use crate::database::{StoreError, Tx};

// === impl Tx ===

impl Tx {
    /// The first part of a kind that the catalogue does not have: what it is
    /// called, and its key.
    pub async fn find_missing(
        &self,
        kind: Kind,
    ) -> Result<Option<(&'static str, i32)>, StoreError> {
        let Kind {
            product,
            state,
            size,
            packaging,
        } = kind;
        if product::Entity::find_by_id(product.0)
            .one(&self.tx)
            .await?
            .is_none()
        {
            return Ok(Some(("product", product.0)));
        }
        if state::Entity::find_by_id(state.0)
            .one(&self.tx)
            .await?
            .is_none()
        {
            return Ok(Some(("product state", state.0)));
        }
        if let Some(size) = size
            && size::Entity::find_by_id(size.0)
                .one(&self.tx)
                .await?
                .is_none()
        {
            return Ok(Some(("product size", size.0)));
        }
        if let Some(packaging) = packaging
            && packaging::Entity::find_by_id(packaging.0)
                .one(&self.tx)
                .await?
                .is_none()
        {
            return Ok(Some(("packaging", packaging.0)));
        }
        Ok(None)
    }
}
