//! The bins of a location, and the lock that its writers share.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, Set};

use super::entity::{bin, bin_type};
use crate::beds::domain::{Bin, BinCategory, LockedLocation};
use crate::database::page::page;
use crate::database::{Page, Paging, Store, StoreError, Tx};
use crate::ids::{BinId, LocationId};
use crate::places::store::entity::location;

// === impl Store ===

impl Store {
    /// Bins of a location by code.
    pub async fn list_bins(
        &self,
        of: LocationId,
        paging: &Paging,
    ) -> Result<Page<Bin>, StoreError> {
        let categories = categories(&self.connection).await?;
        let mut query = bin::Entity::find()
            .filter(bin::Column::StorageLocationId.eq(of.0))
            .order_by_asc(bin::Column::Code);
        if let Some(after) = &paging.after {
            query = query.filter(bin::Column::Code.gt(after));
        }
        let convert = |row: bin::Model| {
            let category = categories.get(&row.storage_bin_type_id).copied();
            let category = category.ok_or(StoreError::Corrupt("bin type"))?;
            let bin::Model {
                storage_bin_id,
                storage_location_id,
                storage_bin_type_id: _,
                code,
                label,
                status,
                created_at: _,
            } = row;
            Ok(Bin {
                id: BinId(storage_bin_id),
                location: LocationId(storage_location_id),
                code,
                label,
                category,
                status,
            })
        };
        page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            convert,
        )
        .await
    }
}

// === impl Tx ===

impl Tx {
    /// Reads a location and keeps its row locked, so that writers of one
    /// location come one after the other.
    ///
    /// Locks here leave the key free: a movement's foreign keys share it, and
    /// must not wait for a count that waits for the movement's batch.
    pub async fn lock_location(
        &self,
        id: LocationId,
    ) -> Result<Option<LockedLocation>, StoreError> {
        let row = location::Entity::find_by_id(id.0)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?;
        Ok(row.map(|row| LockedLocation {
            id,
            code: row.code,
            active: row.active,
        }))
    }

    /// The newest active bin of a location.
    pub async fn newest_active_bin(&self, of: LocationId) -> Result<Option<BinId>, StoreError> {
        let row = bin::Entity::find()
            .filter(bin::Column::StorageLocationId.eq(of.0))
            .filter(bin::Column::Status.eq("active"))
            .order_by_desc(bin::Column::StorageBinId)
            .one(&self.tx)
            .await?;
        Ok(row.map(|row| BinId(row.storage_bin_id)))
    }

    /// How many bins a location has had.
    pub async fn count_bins(&self, of: LocationId) -> Result<u32, StoreError> {
        let bins = bin::Entity::find()
            .filter(bin::Column::StorageLocationId.eq(of.0))
            .count(&self.tx)
            .await?;
        u32::try_from(bins).map_err(|_too_many| StoreError::Corrupt("number of bins"))
    }

    /// Adds an active bin.
    pub async fn insert_bin(
        &self,
        of: LocationId,
        code: &str,
        category: BinCategory,
        now: DateTime<Utc>,
    ) -> Result<BinId, StoreError> {
        let bin_type = bin_type::Entity::find()
            .filter(bin_type::Column::Category.eq(category.code()))
            .one(&self.tx)
            .await?
            .ok_or(StoreError::Corrupt("bin types"))?;
        let row = bin::ActiveModel {
            storage_location_id: Set(of.0),
            storage_bin_type_id: Set(bin_type.storage_bin_type_id),
            code: Set(code.to_owned()),
            label: Set(code.to_owned()),
            status: Set("active".to_owned()),
            created_at: Set(now),
            ..Default::default()
        };
        Ok(BinId(row.insert(&self.tx).await?.storage_bin_id))
    }
}

async fn categories(
    connection: &impl ConnectionTrait,
) -> Result<HashMap<i32, BinCategory>, StoreError> {
    let types = bin_type::Entity::find().all(connection).await?;
    types
        .into_iter()
        .map(|row| {
            let category =
                BinCategory::from_code(&row.category).ok_or(StoreError::Corrupt("bin category"))?;
            Ok((row.storage_bin_type_id, category))
        })
        .collect()
}
