//! The beds that a month is made of.

use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _};

use crate::database::{Page, Paging, StoreError};
use crate::ids::{LocationId, WarehouseId};
use crate::places::store::entity::location;

/// A bed, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bed {
    /// Key.
    pub id: LocationId,
    /// For example `N01-N-C01`.
    pub code: String,
}

/// A page of beds.
pub async fn list(
    connection: &impl ConnectionTrait,
    warehouse: Option<WarehouseId>,
    paging: &Paging,
) -> Result<Page<Bed>, StoreError> {
    let keys = [location::Column::StorageLocationId];
    paging
        .rising(connection, of(warehouse), &keys, |row| {
            Ok::<_, StoreError>(Bed::from(row))
        })
        .await
}

/// All beds.
pub async fn all(
    connection: &impl ConnectionTrait,
    warehouse: Option<WarehouseId>,
) -> Result<Vec<Bed>, StoreError> {
    let rows: Vec<(i32, String)> = of(warehouse)
        .select_only()
        .columns([location::Column::StorageLocationId, location::Column::Code])
        .order_by_asc(location::Column::StorageLocationId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Bed::from).collect())
}

/// Locks these beds, or all, so that their facts wait. Always in the same order, so
/// that two who do it do not wait for each other.
pub async fn lock(
    connection: &impl ConnectionTrait,
    beds: Option<&[LocationId]>,
) -> Result<Vec<Bed>, StoreError> {
    let mut query = of(None);
    if let Some(beds) = beds {
        let keys = beds.iter().map(|bed| bed.0);
        query = query.filter(location::Column::StorageLocationId.is_in(keys));
    }
    let rows: Vec<(i32, String)> = query
        .select_only()
        .columns([location::Column::StorageLocationId, location::Column::Code])
        .order_by_asc(location::Column::StorageLocationId)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Bed::from).collect())
}

fn of(warehouse: Option<WarehouseId>) -> Select<location::Entity> {
    let query = location::Entity::find();
    match warehouse {
        Some(warehouse) => query.filter(location::Column::WarehouseId.eq(warehouse.0)),
        None => query,
    }
}

impl From<location::Model> for Bed {
    fn from(row: location::Model) -> Self {
        Self::from((row.storage_location_id, row.code))
    }
}

impl From<(i32, String)> for Bed {
    fn from((id, code): (i32, String)) -> Self {
        Self {
            id: LocationId(id),
            code,
        }
    }
}
