//! Batches.

use sea_orm::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::batch;
use super::quantity;
use crate::catalog::domain::Kind;
use crate::database::{Page, Paging, ROWS_AT_ONCE, StoreError, series};
use crate::ids::{BatchId, BinId, LocationId, ProductId};
use crate::ledger::domain::batch::{Batch, Holding, Origin};

/// Which batches.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchFilter {
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only of this product.
    pub product: Option<ProductId>,
    /// Also those without plants.
    pub include_empty: bool,
}

/// One batch.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: BatchId,
) -> Result<Option<Batch>, StoreError> {
    let row = batch::Entity::find_by_id(id.0).one(connection).await?;
    row.map(Batch::try_from).transpose()
}

/// Batches, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: BatchFilter,
    paging: &Paging,
) -> Result<Page<Batch>, StoreError> {
    let mut query = batch::Entity::find();
    if let Some(location) = filter.location {
        query = query.filter(batch::Column::StorageLocationId.eq(location.0));
    }
    if let Some(product) = filter.product {
        query = query.filter(batch::Column::ProductId.eq(product.0));
    }
    if !filter.include_empty {
        query = query.filter(batch::Column::QuantityCurrent.gt(0));
    }
    let keys = [batch::Column::BatchId];
    paging
        .falling(connection, query, &keys, Batch::try_from)
        .await
}

/// All batches of a location, also those without plants, oldest first.
pub async fn all_of(
    connection: &impl ConnectionTrait,
    location: LocationId,
) -> Result<Vec<Batch>, StoreError> {
    let rows = batch::Entity::find()
        .filter(batch::Column::StorageLocationId.eq(location.0))
        .order_by_asc(batch::Column::BatchId)
        .all(connection)
        .await?;
    rows.into_iter().map(Batch::try_from).collect()
}

/// The next free code that begins with a prefix.
pub async fn next_code(
    connection: &impl ConnectionTrait,
    prefix: &str,
) -> Result<String, StoreError> {
    let number =
        series::next::<batch::Entity>(connection, batch::Column::BatchCode, prefix).await?;
    Ok(format!("{prefix}{number:03}"))
}

/// Adds a batch.
pub async fn insert(connection: &impl ConnectionTrait, batch: &Batch) -> Result<(), StoreError> {
    batch::Entity::insert(row(batch))
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Stores what movements changed in batches that are there.
pub async fn update<'a>(
    connection: &impl ConnectionTrait,
    batches: impl IntoIterator<Item = &'a Batch>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = batches.into_iter().map(row).collect();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        // The row is there, so that only these columns are written: one statement for all.
        let changed = OnConflict::column(batch::Column::BatchId)
            .update_columns([
                batch::Column::QuantityCurrent,
                batch::Column::QuantityEmptyContainers,
                batch::Column::UpdatedAt,
            ])
            .to_owned();
        batch::Entity::insert_many(rows.iter().cloned())
            .on_conflict(changed)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// These batches.
pub async fn some_of(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = BatchId>,
) -> Result<Vec<Batch>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut batches = Vec::with_capacity(ids.len());
    for ids in ids.chunks(ROWS_AT_ONCE) {
        let rows = batch::Entity::find()
            .filter(batch::Column::BatchId.is_in(ids.iter().copied()))
            .all(connection)
            .await?;
        for row in rows {
            batches.push(Batch::try_from(row)?);
        }
    }
    Ok(batches)
}

fn row(batch: &Batch) -> batch::ActiveModel {
    let Origin {
        id,
        code,
        location,
        bin,
        kind,
        quantity_initial,
        planting_date,
        notes,
        created_at,
    } = batch.origin();
    let Holding {
        current,
        empty_containers,
        updated_at,
    } = batch.holding();
    let (product, state, size, packaging) = kind.keys();
    batch::ActiveModel {
        batch_id: Set(id.0),
        batch_code: Set(code.clone()),
        storage_location_id: Set(location.0),
        storage_bin_id: Set(bin.0),
        product_id: Set(product),
        product_state_id: Set(state),
        product_size_id: Set(size),
        packaging_id: Set(packaging),
        quantity_initial: Set(quantity_initial.get()),
        quantity_current: Set(current.get()),
        quantity_empty_containers: Set(empty_containers.get()),
        planting_date: Set(*planting_date),
        notes: Set(notes.clone()),
        created_at: Set(*created_at),
        updated_at: Set(*updated_at),
    }
}

impl TryFrom<batch::Model> for Batch {
    type Error = StoreError;

    fn try_from(row: batch::Model) -> Result<Self, StoreError> {
        let batch::Model {
            batch_id,
            batch_code,
            storage_location_id,
            storage_bin_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            quantity_initial,
            quantity_current,
            quantity_empty_containers,
            planting_date,
            notes,
            created_at,
            updated_at,
        } = row;
        let origin = Origin {
            id: BatchId(batch_id),
            code: batch_code,
            location: LocationId(storage_location_id),
            bin: BinId(storage_bin_id),
            kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
            quantity_initial: quantity(quantity_initial)?,
            planting_date,
            notes,
            created_at,
        };
        let holding = Holding {
            current: quantity(quantity_current)?,
            empty_containers: quantity(quantity_empty_containers)?,
            updated_at,
        };
        Ok(Self::stored(origin, holding))
    }
}
