//! Reads of the place hierarchy.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};

use super::entity::ledger::batch;
use super::entity::places::{area, bin, bin_type, location, warehouse};
use super::page::page;
use super::{Page, Paging, Store, StoreError};
use crate::domain::ids::{AreaId, BinId, LocationId, WarehouseId};
use crate::domain::outline::{Outline, Position};
use crate::domain::place::{Area, Bin, BinCategory, Location, Warehouse, WarehouseType};

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

    /// Locations of an area by code, with their stock.
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
        let mut page = page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            Location::try_from,
        )
        .await?;
        fill_quantities(&self.connection, &mut page.items).await?;
        Ok(page)
    }

    /// One location with its stock.
    pub async fn find_location(&self, id: LocationId) -> Result<Option<Location>, StoreError> {
        let rows = self.find_locations(&[id.0]).await?;
        Ok(rows.into_iter().next())
    }

    /// Locations with their stock, in no order.
    pub(super) async fn find_locations(&self, ids: &[i32]) -> Result<Vec<Location>, StoreError> {
        let mut locations = location::Entity::find()
            .filter(location::Column::StorageLocationId.is_in(ids.iter().copied()))
            .all(&self.connection)
            .await?
            .into_iter()
            .map(Location::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        fill_quantities(&self.connection, &mut locations).await?;
        Ok(locations)
    }

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

async fn fill_quantities(
    connection: &impl ConnectionTrait,
    locations: &mut [Location],
) -> Result<(), StoreError> {
    let batches: Vec<(i32, i64)> = batch::Entity::find()
        .select_only()
        .column(batch::Column::StorageLocationId)
        .column(batch::Column::QuantityCurrent)
        .filter(
            batch::Column::StorageLocationId.is_in(locations.iter().map(|location| location.id.0)),
        )
        .filter(batch::Column::QuantityCurrent.gt(0))
        .into_tuple()
        .all(connection)
        .await?;
    let mut sums: HashMap<i32, i64> = HashMap::new();
    for (location, quantity) in batches {
        *sums.entry(location).or_default() += quantity;
    }
    for location in locations {
        location.current_quantity = sums.get(&location.id.0).copied().unwrap_or(0);
    }
    Ok(())
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
            current_quantity: 0,
        })
    }
}
