//! Locations.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect as _};

use super::entity::location;
use super::outlines::outline;
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::{AreaId, LocationId, WarehouseId};
use crate::places::domain::place::Location;

/// Locations of an area by code.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: AreaId,
    paging: &Paging,
) -> Result<Page<Location>, StoreError> {
    let query = location::Entity::find().filter(location::Column::StorageAreaId.eq(of.0));
    let keys = [location::Column::Code];
    paging
        .rising(connection, query, &keys, Location::try_from)
        .await
}

/// Whether there is such a location.
pub async fn exists(connection: &impl ConnectionTrait, id: LocationId) -> Result<bool, StoreError> {
    database::exists::<location::Entity>(connection, id.0).await
}

/// One location.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: LocationId,
) -> Result<Option<Location>, StoreError> {
    let row = location::Entity::find_by_id(id.0).one(connection).await?;
    row.map(Location::try_from).transpose()
}

/// What people call these locations, in no order.
pub async fn codes(
    connection: &impl ConnectionTrait,
    ids: &[LocationId],
) -> Result<Vec<(LocationId, String)>, StoreError> {
    let rows: Vec<(i32, String)> = location::Entity::find()
        .select_only()
        .column(location::Column::StorageLocationId)
        .column(location::Column::Code)
        .filter(location::Column::StorageLocationId.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(connection)
        .await?;
    let codes = rows.into_iter().map(|(id, code)| (LocationId(id), code));
    Ok(codes.collect())
}

/// These locations, in no order.
pub(super) async fn find_all(
    connection: &impl ConnectionTrait,
    ids: &[i32],
) -> Result<Vec<Location>, StoreError> {
    location::Entity::find()
        .filter(location::Column::StorageLocationId.is_in(ids.iter().copied()))
        .all(connection)
        .await?
        .into_iter()
        .map(Location::try_from)
        .collect()
}

impl TryFrom<location::Model> for Location {
    type Error = StoreError;

    fn try_from(row: location::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: LocationId(row.storage_location_id),
            area: AreaId(row.storage_area_id),
            warehouse: WarehouseId(row.warehouse_id),
            outline: outline(
                &row.outline,
                [row.centroid_longitude, row.centroid_latitude],
                row.area_m2,
            )?,
            code: row.code,
            qr_code: row.qr_code,
            name: row.name,
            description: row.description,
            active: row.active,
            created_at: row.created_at,
        })
    }
}
