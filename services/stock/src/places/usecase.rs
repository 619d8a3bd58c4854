//! Takes a place hierarchy in, all or nothing.

use chrono::{DateTime, Utc};
use demeter_db::write;

use crate::database::{Store, Tx};
use crate::error::Error;
use crate::places::domain::hierarchy::Places;
use crate::places::store::save::{self, Stored};

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
    write(store.connection(), |tx| async move {
        save(&tx, places, now).await
    })
    .await
}

async fn save(tx: &Tx, places: &Places, now: DateTime<Utc>) -> Result<Imported, Error> {
    let Places {
        warehouses,
        areas,
        locations,
    } = places;
    let (keys, warehouses) = save::warehouses(tx, warehouses, now).await?;
    let (keys, areas) = save::areas(tx, areas, &keys, now).await?;
    let (_keys, locations) = save::locations(tx, locations, &keys, now).await?;
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
