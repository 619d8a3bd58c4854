//! Says what is expected to grow in a location.

use chrono::{DateTime, SubsecRound as _, Utc};
use demeter_clock::Clock;
use demeter_db::retry;

use crate::beds::domain::{BinCategory, Configuration, LockedLocation, bin_code};
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{Store, Tx};
use crate::error::{Error, Refusal};
use crate::ids::{BinId, LocationId};

/// The beds of one nursery, and what is to grow in them.
#[derive(Clone)]
pub struct Beds {
    store: Store,
    clock: Clock,
}

/// What grows where.
#[derive(Clone, Debug)]
pub struct ConfigureLocation {
    /// Where.
    pub location: LocationId,
    /// What.
    pub kind: Kind,
    /// Planted area in square centimetres; 0 when not stated.
    pub area_cm2: f64,
    /// Free text.
    pub notes: String,
}

// === impl Beds ===

impl Beds {
    /// Over a store; the time comes from outside.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// For reads.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// Makes a configuration the active one; the one before is kept as history.
    /// Setting the active one again changes nothing.
    pub async fn configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        retry(|| self.try_configure_location(command)).await
    }

    async fn try_configure_location(
        &self,
        command: &ConfigureLocation,
    ) -> Result<Configuration, Error> {
        let ConfigureLocation {
            location,
            kind,
            area_cm2,
            notes,
        } = command;
        let tx = self.store.begin().await?;
        let Some(location) = tx.lock_location(*location).await? else {
            return Err(Error::not_found("storage location", location));
        };
        check_kind(&tx, *kind).await?;
        if let Some(active) = tx.find_configuration(location.id).await? {
            let same_area = active.area_cm2.total_cmp(area_cm2).is_eq();
            if active.kind == *kind && same_area && active.notes == *notes {
                return Ok(active);
            }
            tx.retire_configuration(location.id).await?;
        }
        let configuration = tx
            .insert_configuration(location.id, *kind, (*area_cm2, notes), self.now())
            .await?;
        tx.commit().await?;
        Ok(configuration)
    }
}

/// Locks a location that is still used.
pub async fn lock_active(tx: &Tx, id: LocationId) -> Result<LockedLocation, Error> {
    let Some(location) = tx.lock_location(id).await? else {
        return Err(Error::not_found("storage location", id));
    };
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
    if let Some(bin) = tx.newest_active_bin(location.id).await? {
        return Ok(bin);
    }
    let code = bin_code(&location.code, tx.count_bins(location.id).await? + 1);
    Ok(tx
        .insert_bin(location.id, &code, BinCategory::Segment, now)
        .await?)
}
