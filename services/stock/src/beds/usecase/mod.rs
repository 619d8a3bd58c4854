//! Says what is expected to grow in a location, and finds it a bin.

mod apply;
mod configure;
mod edit;
mod undo;

pub use apply::Apply;
pub use configure::ConfigureLocation;
pub use edit::{Deactivate, EditConfiguration};

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::Clock;

use crate::beds::domain::bin::{BinCategory, LockedLocation};
use crate::beds::domain::configuration::{Configuration, Lines};
use crate::beds::store::{bins, configurations, locations};
use crate::catalog::usecase::check_kind;
use crate::database::{Connection, Store, Tx};
use crate::error::{Changed, Error, Refusal};
use crate::ids::{BinId, ConfigurationId, LocationId};

/// The beds of one nursery, and what is to grow in them.
#[derive(Clone)]
pub struct Beds {
    store: Store,
    clock: Clock,
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

    /// Now, as precisely as both databases keep it.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
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

/// Fails when the catalogue lacks a part of a line.
async fn check_lines(tx: &Tx, lines: &Lines) -> Result<(), Error> {
    for line in lines.all() {
        check_kind(tx, line.kind).await?;
    }
    Ok(())
}

/// The active configurations of these locations.
async fn active(tx: &Tx, of: &[LocationId]) -> Result<HashMap<LocationId, Configuration>, Error> {
    let active = configurations::active(tx, of).await?;
    Ok(active.into_iter().map(|one| (one.location, one)).collect())
}

/// Locks the location of a configuration, and reads what is active there now.
async fn lock_of(
    tx: &Tx,
    id: ConfigurationId,
) -> Result<(LockedLocation, Option<Configuration>), Error> {
    let found = configurations::get(tx, id).await;
    let found = Error::found(found, "configuration", id)?;
    let location = lock(tx, found.location).await?;
    let active = configurations::find(tx, location.id).await?;
    Ok((location, active))
}

fn changed(location: &LockedLocation) -> Changed {
    Changed::Configuration(vec![location.code.clone()])
}
