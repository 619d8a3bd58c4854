//! Undoes an operation on many configurations, all of it or nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use demeter_db::write;

use super::{Beds, active};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::{Configuration, Crop};
use crate::beds::domain::operation::{Applied, Operation, Outcome, Undone};
use crate::beds::store::{configurations, locations, operations};
use crate::database::{StoreError, Tx};
use crate::error::{Changed, Error};
use crate::ids::{ConfigurationId, LocationId, OperationId};

// === impl Beds ===

impl Beds {
    /// Gives each location that an operation changed a version like the one before,
    /// or none where there was none. Undone once: again, it answers the same.
    ///
    /// Refused when one of these configurations was changed since.
    pub async fn undo(&self, user: &str, id: OperationId) -> Result<Outcome, Error> {
        write(self.connection(), |tx| async move {
            self.undo_now(&tx, user, id).await
        })
        .await
    }

    async fn undo_now(&self, tx: &Tx, user: &str, id: OperationId) -> Result<Outcome, Error> {
        let operation = Error::found(operations::lock(tx, id).await, "operation", id)?;
        let applied = changed_by(tx, id).await?;
        if operation.undone.is_some() {
            return Ok(outcome(operation, &applied));
        }
        let of: Vec<LocationId> = applied.iter().map(|one| one.location).collect();
        let locked = locations::lock_all(tx, &of).await?;
        as_it_left_them(&locked, &applied, &active(tx, &of).await?)?;
        let undone = Undone {
            at: self.now(),
            user: user.to_owned(),
        };
        let made = restore(tx, &applied, undone.at).await?;
        operations::undone(tx, id, &undone, &made).await?;
        let operation = Operation {
            undone: Some(undone),
            ..operation
        };
        Ok(outcome(operation, &changed_by(tx, id).await?))
    }
}

/// What an operation did to the locations that it changed.
async fn changed_by(tx: &Tx, id: OperationId) -> Result<Vec<Applied>, StoreError> {
    let mut applied = operations::applied(tx, id).await?;
    applied.retain(Applied::is_change);
    Ok(applied)
}

/// Refused unless every location is configured as the operation left it.
fn as_it_left_them(
    locked: &[LockedLocation],
    applied: &[Applied],
    active: &HashMap<LocationId, Configuration>,
) -> Result<(), Changed> {
    let left: HashMap<LocationId, ConfigurationId> =
        applied.iter().map(|one| (one.location, one.made)).collect();
    let untouched = |location: &LockedLocation| {
        let now = active.get(&location.id);
        now.is_some_and(|now| Some(&now.id) == left.get(&location.id) && now.revision == 1)
    };
    let touched = locked.iter().filter(|location| !untouched(location));
    let codes: Vec<String> = touched.map(|location| location.code.clone()).collect();
    if codes.is_empty() {
        return Ok(());
    }
    Err(Changed::Configuration(codes))
}

/// Closes what the operation made, and makes versions like those before it.
async fn restore(
    tx: &Tx,
    applied: &[Applied],
    now: DateTime<Utc>,
) -> Result<Vec<(LocationId, ConfigurationId)>, StoreError> {
    let of: Vec<LocationId> = applied.iter().map(|one| one.location).collect();
    configurations::close(tx, &of, now).await?;
    let previous: Vec<ConfigurationId> = applied.iter().filter_map(|one| one.previous).collect();
    let previous = configurations::all(tx, &previous).await?;
    let crops: Vec<(LocationId, &Crop)> = previous
        .iter()
        .map(|one| (one.location, &one.crop))
        .collect();
    let made = configurations::insert(tx, &crops, now).await?;
    Ok(made.into_iter().map(|one| (one.location, one.id)).collect())
}

fn outcome(operation: Operation, applied: &[Applied]) -> Outcome {
    Outcome {
        operation: Some(operation),
        changes: applied.iter().map(Applied::undoing).collect(),
    }
}
