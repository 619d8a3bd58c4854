//! States and sizes, and whether the catalogue has what a kind names.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use sea_orm::prelude::*;

use super::entity::{packaging, product, size, state};
use crate::catalog::domain::{Kind, ProductSize, ProductState};
use crate::database::{Page, Paging, StoreError, exists};
use crate::ids::{SizeId, StateId};

/// States in growing order.
pub async fn list_states(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<ProductState>, StoreError> {
    let keys = [state::Column::SortOrder];
    paging
        .rising(
            connection,
            state::Entity::find(),
            &keys,
            ProductState::try_from,
        )
        .await
}

/// Sizes from small to large.
pub async fn list_sizes(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<ProductSize>, StoreError> {
    let keys = [size::Column::SortOrder];
    paging
        .rising(
            connection,
            size::Entity::find(),
            &keys,
            ProductSize::try_from,
        )
        .await
}

/// The states whose plants may be sold.
pub async fn sellable(connection: &impl ConnectionTrait) -> Result<BTreeSet<StateId>, StoreError> {
    let rows = state::Entity::find()
        .filter(state::Column::IsSellable.eq(true))
        .all(connection)
        .await?;
    let states = rows.into_iter().map(|row| StateId(row.product_state_id));
    Ok(states.collect())
}

/// The first part of a kind that the catalogue does not have: what it is
/// called, and its key.
pub async fn find_missing(
    connection: &impl ConnectionTrait,
    kind: Kind,
) -> Result<Option<(&'static str, i32)>, StoreError> {
    let Kind {
        product,
        state,
        size,
        packaging,
    } = kind;
    if !exists::<product::Entity>(connection, product.0).await? {
        return Ok(Some(("product", product.0)));
    }
    if !exists::<state::Entity>(connection, state.0).await? {
        return Ok(Some(("product state", state.0)));
    }
    if let Some(size) = size
        && !exists::<size::Entity>(connection, size.0).await?
    {
        return Ok(Some(("product size", size.0)));
    }
    if let Some(packaging) = packaging
        && !exists::<packaging::Entity>(connection, packaging.0).await?
    {
        return Ok(Some(("packaging", packaging.0)));
    }
    Ok(None)
}

impl From<state::Model> for ProductState {
    fn from(row: state::Model) -> Self {
        let state::Model {
            product_state_id,
            code,
            name,
            is_sellable,
            sort_order,
        } = row;
        Self {
            id: StateId(product_state_id),
            code,
            name,
            is_sellable,
            sort_order,
        }
    }
}

impl From<size::Model> for ProductSize {
    fn from(row: size::Model) -> Self {
        let size::Model {
            product_size_id,
            code,
            name,
            min_height_cm,
            max_height_cm,
            sort_order,
        } = row;
        Self {
            id: SizeId(product_size_id),
            code,
            name,
            min_height_cm,
            max_height_cm,
            sort_order,
        }
    }
}
