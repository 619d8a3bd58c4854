//! Batches.

use chrono::NaiveDate;
use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{QueryOrder as _, QuerySelect as _, Set};

use super::entity::batch;
use crate::catalog::domain::Kind;
use crate::database::page::page;
use crate::database::{Page, Paging, Store, StoreError, Tx};
use crate::ids::{BatchId, BinId, LocationId, PackagingId, ProductId, SizeId, StateId};
use crate::ledger::domain::batch::{Batch, batch_code_prefix};

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

// === impl Store ===

impl Store {
    /// One batch.
    pub async fn find_batch(&self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        let row = batch::Entity::find_by_id(id.0)
            .one(&self.connection)
            .await?;
        Ok(row.map(Batch::from))
    }

    /// Batches, newest first.
    pub async fn list_batches(
        &self,
        filter: BatchFilter,
        paging: &Paging,
    ) -> Result<Page<Batch>, StoreError> {
        let mut query = batch::Entity::find().order_by_desc(batch::Column::BatchId);
        if let Some(after) = paging.after::<Uuid>()? {
            query = query.filter(batch::Column::BatchId.lt(after));
        }
        if let Some(location) = filter.location {
            query = query.filter(batch::Column::StorageLocationId.eq(location.0));
        }
        if let Some(product) = filter.product {
            query = query.filter(batch::Column::ProductId.eq(product.0));
        }
        if !filter.include_empty {
            query = query.filter(batch::Column::QuantityCurrent.gt(0));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.batch_id.to_string(),
            |row| Ok(row.into()),
        )
        .await
    }
}

// === impl Tx ===

impl Tx {
    /// Reads a batch and keeps its row locked.
    pub async fn lock_batch(&self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        let row = batch::Entity::find_by_id(id.0)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?;
        Ok(row.map(Batch::from))
    }

    /// Reads all batches of a location, oldest first, and keeps their rows locked.
    pub async fn lock_batches(&self, of: LocationId) -> Result<Vec<Batch>, StoreError> {
        let rows = batch::Entity::find()
            .filter(batch::Column::StorageLocationId.eq(of.0))
            .order_by_asc(batch::Column::BatchId)
            .lock(LockType::NoKeyUpdate)
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(Batch::from).collect())
    }

    /// The next free sequence number of a location, product and day.
    pub async fn next_batch_sequence(
        &self,
        location: LocationId,
        product: ProductId,
        day: NaiveDate,
    ) -> Result<u32, StoreError> {
        let prefix = batch_code_prefix(location, product, day);
        let codes: Vec<String> = batch::Entity::find()
            .select_only()
            .column(batch::Column::BatchCode)
            .filter(batch::Column::StorageLocationId.eq(location.0))
            .filter(batch::Column::BatchCode.starts_with(&prefix))
            .into_tuple()
            .all(&self.tx)
            .await?;
        let used = codes
            .iter()
            .filter_map(|code| code.strip_prefix(&prefix)?.parse::<u32>().ok())
            .max();
        Ok(used.unwrap_or(0) + 1)
    }

    /// Adds a batch.
    pub async fn insert_batch(&self, batch: &Batch) -> Result<(), StoreError> {
        batch::Entity::insert(row(batch))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Stores what a movement changed in its batch.
    pub async fn update_batch(&self, batch: &Batch) -> Result<(), StoreError> {
        let changed = batch::ActiveModel {
            batch_id: sea_orm::ActiveValue::Unchanged(batch.id.0),
            quantity_current: Set(batch.quantity_current),
            quantity_empty_containers: Set(batch.quantity_empty_containers),
            updated_at: Set(batch.updated_at),
            ..Default::default()
        };
        changed.update(&self.tx).await?;
        Ok(())
    }
}

fn row(batch: &Batch) -> batch::ActiveModel {
    let Batch {
        id,
        code,
        location,
        bin,
        kind:
            Kind {
                product,
                state,
                size,
                packaging,
            },
        quantity_initial,
        quantity_current,
        quantity_empty_containers,
        planting_date,
        notes,
        created_at,
        updated_at,
    } = batch;
    batch::ActiveModel {
        batch_id: Set(id.0),
        batch_code: Set(code.clone()),
        storage_location_id: Set(location.0),
        storage_bin_id: Set(bin.0),
        product_id: Set(product.0),
        product_state_id: Set(state.0),
        product_size_id: Set(size.map(|size| size.0)),
        packaging_id: Set(packaging.map(|packaging| packaging.0)),
        quantity_initial: Set(*quantity_initial),
        quantity_current: Set(*quantity_current),
        quantity_empty_containers: Set(*quantity_empty_containers),
        planting_date: Set(*planting_date),
        notes: Set(notes.clone()),
        created_at: Set(*created_at),
        updated_at: Set(*updated_at),
    }
}

impl From<batch::Model> for Batch {
    fn from(row: batch::Model) -> Self {
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
        Self {
            id: BatchId(batch_id),
            code: batch_code,
            location: LocationId(storage_location_id),
            bin: BinId(storage_bin_id),
            kind: Kind {
                product: ProductId(product_id),
                state: StateId(product_state_id),
                size: product_size_id.map(SizeId),
                packaging: packaging_id.map(PackagingId),
            },
            quantity_initial,
            quantity_current,
            quantity_empty_containers,
            planting_date,
            notes,
            created_at,
            updated_at,
        }
    }
}
