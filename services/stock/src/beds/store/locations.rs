//! The lock that writers of one location share.

use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _};

use crate::beds::domain::bin::LockedLocation;
use crate::database::StoreError;
use crate::ids::LocationId;
use crate::places::store::entity::location;

/// Reads a location and keeps its row locked, so that writers of one location
/// come one after the other.
///
/// Locks here leave the key free: a movement's foreign keys share it, and must
/// not wait for a count that waits for the movement's batch.
pub async fn lock(
    connection: &impl ConnectionTrait,
    id: LocationId,
) -> Result<Option<LockedLocation>, StoreError> {
    let row = location::Entity::find_by_id(id.0)
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await?;
    Ok(row.map(locked))
}

/// Locks these locations, in the order of their keys, so that two who lock the same
/// ones do not wait for one another. Those that do not exist are not among them.
pub async fn lock_all(
    connection: &impl ConnectionTrait,
    ids: &[LocationId],
) -> Result<Vec<LockedLocation>, StoreError> {
    let rows = location::Entity::find()
        .filter(location::Column::StorageLocationId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(location::Column::StorageLocationId)
        .lock(LockType::NoKeyUpdate)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(locked).collect())
}

fn locked(row: location::Model) -> LockedLocation {
    LockedLocation {
        id: LocationId(row.storage_location_id),
        code: row.code,
        active: row.active,
    }
}
