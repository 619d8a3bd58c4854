//! Takes a place hierarchy in, all or nothing.

use chrono::{DateTime, Utc};
use demeter_db::retry;

use crate::database::Store;
use crate::error::Error;
use crate::places::domain::hierarchy::Places;
use crate::places::store::Stored;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Created or changed.
    pub warehouses: usize,
    /// Created or changed.
    pub areas: usize,
    /// Created or changed.
    pub locations: usize,
    /// Places that were there as they are.
    pub unchanged: usize,
}

/// Stores a place hierarchy in one transaction. Storing the same places again
/// changes nothing.
pub async fn import(store: &Store, places: &Places, now: DateTime<Utc>) -> Result<Imported, Error> {
    retry(|| save(store, places, now)).await
}

async fn save(store: &Store, places: &Places, now: DateTime<Utc>) -> Result<Imported, Error> {
    let Places {
        warehouses,
        areas,
        locations,
    } = places;
    let tx = store.begin().await?;
    let (warehouse_keys, warehouses) = tx.save_warehouses(warehouses, now).await?;
    let (area_keys, areas) = tx.save_areas(areas, &warehouse_keys, now).await?;
    let locations = tx.save_locations(locations, &area_keys, now).await?;
    tx.commit().await?;
    let changed = |outcomes: &[Stored]| {
        outcomes
            .iter()
            .filter(|outcome| **outcome == Stored::Changed)
            .count()
    };
    let all = warehouses.len() + areas.len() + locations.len();
    let mut imported = Imported {
        warehouses: changed(&warehouses),
        areas: changed(&areas),
        locations: changed(&locations),
        unchanged: 0,
    };
    imported.unchanged = all - imported.warehouses - imported.areas - imported.locations;
    Ok(imported)
}
