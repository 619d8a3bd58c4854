//! The lock that writers of one location share.

use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QuerySelect as _};

use crate::beds::domain::LockedLocation;
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
    Ok(row.map(|row| LockedLocation {
        id,
        code: row.code,
        active: row.active,
    }))
}
