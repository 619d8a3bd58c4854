//! Writes of the place hierarchy.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ActiveValue, QuerySelect as _, Set};

use super::entity::{area, location, warehouse};
use super::reads::outline_text;
use crate::database::{StoreError, Tx};
use crate::places::domain::hierarchy::{Place, qr_code, side};
use crate::places::domain::place::WarehouseType;

/// What storing a place did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new, or its name, outline or parent changed.
    Changed,
    /// It was there as it is.
    Unchanged,
}

/// Keys of places by code.
pub type Keys = HashMap<String, i32>;

macro_rules! geometry {
    ($row:ident, $place:ident, $now:ident) => {
        $row.name = Set($place.name.clone());
        $row.outline = Set(outline_text(&$place.outline)?);
        $row.centroid_longitude = Set($place.outline.centroid()[0]);
        $row.centroid_latitude = Set($place.outline.centroid()[1]);
        $row.area_m2 = Set($place.outline.area_m2());
        $row.updated_at = Set($now);
    };
}

fn parent_of(place: &Place, parents: &Keys) -> Result<i32, StoreError> {
    parents
        .get(&place.parent)
        .copied()
        .ok_or(StoreError::Corrupt("parent of a place"))
}

// === impl Tx ===

impl Tx {
    /// Stores warehouses by code; their keys come back by code.
    pub async fn save_warehouses(
        &self,
        places: &[Place],
        now: DateTime<Utc>,
    ) -> Result<(Keys, Vec<Stored>), StoreError> {
        let mut known: HashMap<_, _> = warehouse::Entity::find()
            .all(&self.tx)
            .await?
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect();
        let (mut keys, mut outcomes) = (Keys::new(), Vec::new());
        for place in places {
            let old = known.remove(&place.code);
            if let Some(row) = old.as_ref().filter(|row| {
                row.name == place.name
                    && outline_text(&place.outline).is_ok_and(|text| text == row.outline)
            }) {
                keys.insert(place.code.clone(), row.warehouse_id);
                outcomes.push(Stored::Unchanged);
                continue;
            }
            let mut row = warehouse::ActiveModel {
                code: Set(place.code.clone()),
                ..Default::default()
            };
            geometry!(row, place, now);
            let id = if let Some(old) = old {
                row.warehouse_id = ActiveValue::Unchanged(old.warehouse_id);
                row.update(&self.tx).await?.warehouse_id
            } else {
                row.warehouse_type = Set(WarehouseType::Greenhouse.code().to_owned());
                row.active = Set(true);
                row.created_at = Set(now);
                row.insert(&self.tx).await?.warehouse_id
            };
            keys.insert(place.code.clone(), id);
            outcomes.push(Stored::Changed);
        }
        Ok((keys, outcomes))
    }

    /// Stores areas by code, inside warehouses whose keys are `parents`.
    pub async fn save_areas(
        &self,
        places: &[Place],
        parents: &Keys,
        now: DateTime<Utc>,
    ) -> Result<(Keys, Vec<Stored>), StoreError> {
        let mut known: HashMap<_, _> = area::Entity::find()
            .all(&self.tx)
            .await?
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect();
        let (mut keys, mut outcomes) = (Keys::new(), Vec::new());
        for place in places {
            let parent = parent_of(place, parents)?;
            let old = known.remove(&place.code);
            if let Some(row) = old.as_ref().filter(|row| {
                row.name == place.name
                    && row.warehouse_id == parent
                    && outline_text(&place.outline).is_ok_and(|text| text == row.outline)
            }) {
                keys.insert(place.code.clone(), row.storage_area_id);
                outcomes.push(Stored::Unchanged);
                continue;
            }
            let mut row = area::ActiveModel {
                code: Set(place.code.clone()),
                warehouse_id: Set(parent),
                position: Set(side(&place.name).unwrap_or_default().to_owned()),
                ..Default::default()
            };
            geometry!(row, place, now);
            let id = if let Some(old) = old {
                row.storage_area_id = ActiveValue::Unchanged(old.storage_area_id);
                row.update(&self.tx).await?.storage_area_id
            } else {
                row.active = Set(true);
                row.created_at = Set(now);
                row.insert(&self.tx).await?.storage_area_id
            };
            keys.insert(place.code.clone(), id);
            outcomes.push(Stored::Changed);
        }
        Ok((keys, outcomes))
    }

    /// Stores locations by code, inside areas whose keys are `parents`.
    pub async fn save_locations(
        &self,
        places: &[Place],
        parents: &Keys,
        now: DateTime<Utc>,
    ) -> Result<Vec<Stored>, StoreError> {
        let warehouses: HashMap<i32, i32> = area::Entity::find()
            .select_only()
            .column(area::Column::StorageAreaId)
            .column(area::Column::WarehouseId)
            .into_tuple::<(i32, i32)>()
            .all(&self.tx)
            .await?
            .into_iter()
            .collect();
        let mut known: HashMap<_, _> = location::Entity::find()
            .all(&self.tx)
            .await?
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect();
        let mut outcomes = Vec::new();
        for place in places {
            let parent = parent_of(place, parents)?;
            let old = known.remove(&place.code);
            if old.as_ref().is_some_and(|row| {
                row.name == place.name
                    && row.storage_area_id == parent
                    && outline_text(&place.outline).is_ok_and(|text| text == row.outline)
            }) {
                outcomes.push(Stored::Unchanged);
                continue;
            }
            let warehouse = *warehouses
                .get(&parent)
                .ok_or(StoreError::Corrupt("warehouse of an area"))?;
            let mut row = location::ActiveModel {
                code: Set(place.code.clone()),
                storage_area_id: Set(parent),
                warehouse_id: Set(warehouse),
                ..Default::default()
            };
            geometry!(row, place, now);
            if let Some(old) = old {
                row.storage_location_id = ActiveValue::Unchanged(old.storage_location_id);
                row.update(&self.tx).await?;
            } else {
                row.qr_code = Set(qr_code(&place.code));
                row.description = Set(String::new());
                row.active = Set(true);
                row.created_at = Set(now);
                location::Entity::insert(row)
                    .exec_without_returning(&self.tx)
                    .await?;
            }
            outcomes.push(Stored::Changed);
        }
        Ok(outcomes)
    }
}
