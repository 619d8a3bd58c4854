//! Warehouses.

use sea_orm::ConnectionTrait;
use sea_orm::prelude::*;

use super::entity::warehouse;
use super::outlines::outline;
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::WarehouseId;
use crate::places::domain::place::{Warehouse, WarehouseType};

/// Warehouses by code.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Warehouse>, StoreError> {
    let keys = [warehouse::Column::Code];
    paging
        .rising(
            connection,
            warehouse::Entity::find(),
            &keys,
            Warehouse::try_from,
        )
        .await
}

/// Whether there is such a warehouse.
pub async fn exists(
    connection: &impl ConnectionTrait,
    id: WarehouseId,
) -> Result<bool, StoreError> {
    database::exists::<warehouse::Entity>(connection, id.0).await
}

impl TryFrom<warehouse::Model> for Warehouse {
    type Error = StoreError;

    fn try_from(row: warehouse::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: WarehouseId(row.warehouse_id),
            warehouse_type: WarehouseType::from_code(&row.warehouse_type)
                .ok_or(StoreError::Corrupt("warehouse type"))?,
            outline: outline(
                &row.outline,
                [row.centroid_longitude, row.centroid_latitude],
                row.area_m2,
            )?,
            code: row.code,
            name: row.name,
            active: row.active,
            created_at: row.created_at,
        })
    }
}
