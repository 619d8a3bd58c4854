//! Reads of the place hierarchy.

use sea_orm::QueryOrder as _;
use sea_orm::prelude::*;
use serde::{Deserialize, Serialize};

use super::entity::{area, location, warehouse};
use crate::database::page::page;
use crate::database::{Page, Paging, Store, StoreError};
use crate::ids::{AreaId, LocationId, WarehouseId};
use crate::places::domain::outline::{Outline, Position};
use crate::places::domain::place::{Area, Location, Warehouse, WarehouseType};

/// An outline as it is stored: GeoJSON, which PostGIS and SQLite both read.
#[derive(Serialize, Deserialize)]
struct StoredPolygon {
    r#type: String,
    coordinates: Vec<Vec<Position>>,
}

// === impl Store ===

impl Store {
    /// Warehouses by code.
    pub async fn list_warehouses(&self, paging: &Paging) -> Result<Page<Warehouse>, StoreError> {
        let mut query = warehouse::Entity::find().order_by_asc(warehouse::Column::Code);
        if let Some(after) = &paging.after {
            query = query.filter(warehouse::Column::Code.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            Warehouse::try_from,
        )
        .await
    }

    /// Whether there is such a warehouse.
    pub async fn has_warehouse(&self, id: WarehouseId) -> Result<bool, StoreError> {
        let found = warehouse::Entity::find_by_id(id.0)
            .count(&self.connection)
            .await?;
        Ok(found > 0)
    }

    /// Areas of a warehouse by code.
    pub async fn list_areas(
        &self,
        of: WarehouseId,
        paging: &Paging,
    ) -> Result<Page<Area>, StoreError> {
        let mut query = area::Entity::find()
            .filter(area::Column::WarehouseId.eq(of.0))
            .order_by_asc(area::Column::Code);
        if let Some(after) = &paging.after {
            query = query.filter(area::Column::Code.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            Area::try_from,
        )
        .await
    }

    /// Whether there is such an area.
    pub async fn has_area(&self, id: AreaId) -> Result<bool, StoreError> {
        let found = area::Entity::find_by_id(id.0)
            .count(&self.connection)
            .await?;
        Ok(found > 0)
    }

    /// Locations of an area by code.
    pub async fn list_locations(
        &self,
        of: AreaId,
        paging: &Paging,
    ) -> Result<Page<Location>, StoreError> {
        let mut query = location::Entity::find()
            .filter(location::Column::StorageAreaId.eq(of.0))
            .order_by_asc(location::Column::Code);
        if let Some(after) = &paging.after {
            query = query.filter(location::Column::Code.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            Location::try_from,
        )
        .await
    }

    /// One location.
    pub async fn find_location(&self, id: LocationId) -> Result<Option<Location>, StoreError> {
        let rows = self.find_locations(&[id.0]).await?;
        Ok(rows.into_iter().next())
    }

    /// Locations, in no order.
    pub(super) async fn find_locations(&self, ids: &[i32]) -> Result<Vec<Location>, StoreError> {
        location::Entity::find()
            .filter(location::Column::StorageLocationId.is_in(ids.iter().copied()))
            .all(&self.connection)
            .await?
            .into_iter()
            .map(Location::try_from)
            .collect()
    }
}

/// The GeoJSON text of an outline.
pub(super) fn outline_text(outline: &Outline) -> Result<String, StoreError> {
    let polygon = StoredPolygon {
        r#type: "Polygon".to_owned(),
        coordinates: vec![outline.ring().to_vec()],
    };
    serde_json::to_string(&polygon).map_err(|_unreachable| StoreError::Corrupt("outline"))
}

fn outline(text: &str, centroid: Position, area_m2: f64) -> Result<Outline, StoreError> {
    let polygon: StoredPolygon =
        serde_json::from_str(text).map_err(|_not_geojson| StoreError::Corrupt("outline"))?;
    let ring = polygon
        .coordinates
        .into_iter()
        .next()
        .ok_or(StoreError::Corrupt("outline"))?;
    Ok(Outline::stored(ring, centroid, area_m2))
}

// === rows to domain types ===

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
