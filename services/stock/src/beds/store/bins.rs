//! The bins of a location.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::{bin, bin_type};
use crate::beds::domain::bin::{Bin, BinCategory, BinStatus, bin_code_prefix};
use crate::database::{Page, Paging, StoreError, series};
use crate::ids::{BinId, LocationId};

/// Bins of a location by code.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: LocationId,
    paging: &Paging,
) -> Result<Page<Bin>, StoreError> {
    let categories = categories(connection).await?;
    let query = bin::Entity::find().filter(bin::Column::StorageLocationId.eq(of.0));
    let convert = |row: bin::Model| {
        let bin::Model {
            storage_bin_id,
            storage_location_id,
            storage_bin_type_id,
            code,
            label,
            status,
            created_at: _,
        } = row;
        let category = categories.get(&storage_bin_type_id).copied();
        Ok::<_, StoreError>(Bin {
            id: BinId(storage_bin_id),
            location: LocationId(storage_location_id),
            code,
            label,
            category: category.ok_or(StoreError::Corrupt("bin type"))?,
            status: BinStatus::from_code(&status).ok_or(StoreError::Corrupt("bin status"))?,
        })
    };
    let keys = [bin::Column::Code];
    paging.rising(connection, query, &keys, convert).await
}

/// The newest active bin of a location.
pub async fn newest_active(
    connection: &impl ConnectionTrait,
    of: LocationId,
) -> Result<Option<BinId>, StoreError> {
    let row = bin::Entity::find()
        .filter(bin::Column::StorageLocationId.eq(of.0))
        .filter(bin::Column::Status.eq(BinStatus::Active.code()))
        .order_by_desc(bin::Column::StorageBinId)
        .one(connection)
        .await?;
    Ok(row.map(|row| BinId(row.storage_bin_id)))
}

/// The next free code of a location's bins.
pub async fn next_code(
    connection: &impl ConnectionTrait,
    location_code: &str,
) -> Result<String, StoreError> {
    let prefix = bin_code_prefix(location_code);
    let number = series::next::<bin::Entity>(connection, bin::Column::Code, &prefix).await?;
    Ok(format!("{prefix}{number:02}"))
}

/// Adds an active bin.
pub async fn insert(
    connection: &impl ConnectionTrait,
    of: LocationId,
    code: &str,
    category: BinCategory,
    now: DateTime<Utc>,
) -> Result<BinId, StoreError> {
    let bin_type = bin_type::Entity::find()
        .filter(bin_type::Column::Category.eq(category.code()))
        .one(connection)
        .await?
        .ok_or(StoreError::Corrupt("bin types"))?;
    let row = bin::ActiveModel {
        storage_location_id: Set(of.0),
        storage_bin_type_id: Set(bin_type.storage_bin_type_id),
        code: Set(code.to_owned()),
        label: Set(code.to_owned()),
        status: Set(BinStatus::Active.code().to_owned()),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(BinId(row.insert(connection).await?.storage_bin_id))
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
