//! Imports a place hierarchy, all or nothing.

use chrono::{DateTime, Utc};
use demeter_db::retry;

use super::Stock;
use crate::domain::hierarchy::Places;
use crate::domain::import::{Texts, read};
use crate::error::Error;
use crate::store::{Store, StoreError, Stored};

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

// === impl Stock ===

impl Stock {
    /// Imports places from GeoJSON; see [`import`].
    pub async fn import_places(&self, texts: Texts) -> Result<Imported, Error> {
        import(&self.store, texts, self.now()).await
    }
}

/// Imports places from GeoJSON: reads and checks everything, then stores it in
/// one transaction. Importing the same places again changes nothing.
pub async fn import(store: &Store, texts: Texts, now: DateTime<Utc>) -> Result<Imported, Error> {
    // Megabytes of text and geometry: not on a thread that serves calls.
    let places = tokio::task::spawn_blocking(move || read(&texts))
        .await
        .map_err(|_panicked| Error::Internal(StoreError::Corrupt("import")))?
        .map_err(Error::Invalid)?;
    retry(|| save(store, &places, now)).await
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
