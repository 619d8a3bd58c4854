//! Says what is expected to grow in a location, and finds it a bin.

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::Clock;
use demeter_db::write;

use crate::beds::domain::{BinCategory, Configuration, Crop, LockedLocation};
use crate::beds::store::{bins, configurations, locations};
use crate::catalog::usecase::check_kind;
use crate::database::{Connection, Store, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{BinId, LocationId};

/// The beds of one nursery, and what is to grow in them.
#[derive(Clone)]
pub struct Beds {
    store: Store,
    clock: Clock,
}

/// What is to grow where.
#[derive(Clone, Debug)]
pub struct ConfigureLocation {
    /// Where.
    pub location: LocationId,
    /// What.
    pub crop: Crop,
}

// === impl Beds ===

impl Beds {
    /// Over a store; the time comes from outside.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// For reads.
    pub const fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// Makes a configuration the active one; the one before is kept as history.
    /// Setting the active one again changes nothing.
    pub async fn configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        let ConfigureLocation { location, crop } = command;
        write(self.connection(), |tx| async move {
            let tx = &*tx;
            let location = lock(tx, *location).await?;
            check_kind(tx, crop.kind).await?;
            if let Some(active) = configurations::find(tx, location.id).await? {
                if active.crop == *crop {
                    return Ok(active);
                }
                configurations::retire(tx, location.id).await?;
            }
            let now = self.clock.now().trunc_subsecs(6);
            Ok(configurations::insert(tx, location.id, crop, now).await?)
        })
        .await
    }
}

/// Locks a location.
pub async fn lock(tx: &Tx, id: LocationId) -> Result<LockedLocation, Error> {
    let found = locations::lock(tx, id).await;
    Error::found(found, "storage location", id)
}

/// Locks a location that is still used.
pub async fn lock_active(tx: &Tx, id: LocationId) -> Result<LockedLocation, Error> {
    let location = lock(tx, id).await?;
    if !location.active {
        return Err(Refusal::LocationInactive(location.code).into());
    }
    Ok(location)
}

/// The newest active bin of a location; a new one when it has none.
pub async fn bin_of(
    tx: &Tx,
    location: &LockedLocation,
    now: DateTime<Utc>,
) -> Result<BinId, Error> {
    if let Some(bin) = bins::newest_active(tx, location.id).await? {
        return Ok(bin);
    }
    let code = bins::next_code(tx, &location.code).await?;
    Ok(bins::insert(tx, location.id, &code, BinCategory::Segment, now).await?)
}
