//! What every new batch needs: a bin, a code and a first movement.

use chrono::{DateTime, NaiveDate, Utc};
use demeter_clock::Ids;

use crate::domain::batch::{Batch, NotEnoughPlants, batch_code};
use crate::domain::beds::{BinCategory, LockedLocation, bin_code};
use crate::domain::catalog::Kind;
use crate::domain::ids::{BatchId, BinId, LocationId};
use crate::error::{Error, Refusal};
use crate::store::Tx;

/// A batch before its first movement.
pub(super) struct Planted {
    pub kind: Kind,
    pub bin: BinId,
    pub quantity: i64,
    pub planting_date: Option<NaiveDate>,
    pub notes: String,
}

/// Locks a location that is still used.
pub(super) async fn lock_active(tx: &Tx, id: LocationId) -> Result<LockedLocation, Error> {
    let Some(location) = tx.lock_location(id).await? else {
        return Err(Error::not_found("storage location", id));
    };
    if !location.active {
        return Err(Refusal::LocationInactive(location.code).into());
    }
    Ok(location)
}

/// The newest active bin of a location; a new one when it has none.
pub(super) async fn bin_of(
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

/// Adds a batch that holds nothing yet: its first movement brings the plants.
pub(super) async fn new_batch(
    tx: &Tx,
    ids: &Ids,
    location: LocationId,
    planted: Planted,
    now: DateTime<Utc>,
) -> Result<Batch, Error> {
    let Planted {
        kind,
        bin,
        quantity,
        planting_date,
        notes,
    } = planted;
    let day = now.date_naive();
    let sequence = tx.next_batch_sequence(location, kind.product, day).await?;
    let batch = Batch {
        id: BatchId(ids.next()),
        code: batch_code(location, kind.product, day, sequence),
        location,
        bin,
        kind,
        quantity_initial: quantity,
        quantity_current: 0,
        quantity_empty_containers: 0,
        planting_date,
        notes,
        created_at: now,
        updated_at: now,
    };
    tx.insert_batch(&batch).await?;
    Ok(batch)
}

/// Fails when the catalogue lacks a part of a kind.
pub(super) async fn check_kind(tx: &Tx, kind: Kind) -> Result<(), Error> {
    match tx.find_missing(kind).await? {
        None => Ok(()),
        Some((what, key)) => Err(Error::not_found(what, key)),
    }
}

impl From<NotEnoughPlants> for Error {
    fn from(refused: NotEnoughPlants) -> Self {
        let NotEnoughPlants { have, wanted } = refused;
        Refusal::NotEnoughPlants { have, wanted }.into()
    }
}
