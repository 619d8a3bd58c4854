//! Areas.

use sea_orm::ConnectionTrait;
use sea_orm::prelude::*;

use super::entity::area;
use super::outlines::outline;
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::{AreaId, WarehouseId};
use crate::places::domain::place::Area;

/// Areas of a warehouse by code.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: WarehouseId,
    paging: &Paging,
) -> Result<Page<Area>, StoreError> {
    let query = area::Entity::find().filter(area::Column::WarehouseId.eq(of.0));
    let keys = [area::Column::Code];
    paging
        .rising(connection, query, &keys, Area::try_from)
        .await
}

/// Whether there is such an area.
pub async fn exists(connection: &impl ConnectionTrait, id: AreaId) -> Result<bool, StoreError> {
    database::exists::<area::Entity>(connection, id.0).await
}

impl TryFrom<area::Model> for Area {
    type Error = StoreError;

    fn try_from(row: area::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: AreaId(row.storage_area_id),
            warehouse: WarehouseId(row.warehouse_id),
            outline: outline(
                &row.outline,
                [row.centroid_longitude, row.centroid_latitude],
                row.area_m2,
            )?,
            code: row.code,
            name: row.name,
            position: row.position,
            active: row.active,
            created_at: row.created_at,
        })
    }
}
