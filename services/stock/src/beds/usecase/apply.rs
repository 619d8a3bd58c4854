//! Gives many locations one configuration, all of them or none.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use demeter_db::{begin, retry};

use super::{Beds, active};
use crate::beds::domain::bin::LockedLocation;
use crate::beds::domain::configuration::{Configuration, Crop, Lines};
use crate::beds::domain::operation::{Applied, Operation, Outcome};
use crate::beds::store::{configurations, locations, operations};
use crate::catalog::usecase::missing;
use crate::database::Tx;
use crate::error::{Error, Exists};
use crate::ids::{LocationId, OperationId};
use crate::invalid::Invalid;

/// Faults that one refusal names; an answer has room for so many.
const TOLD: usize = 20;

/// One configuration for many locations.
#[derive(Clone, Debug)]
pub struct Apply {
    /// Chosen by who asks, so that a retry has one effect.
    pub id: OperationId,
    /// Digest of everything else.
    pub content_hash: String,
    /// Where, each once.
    pub locations: Vec<LocationId>,
    /// What.
    pub crop: Crop,
    /// Only say what it would do.
    pub dry_run: bool,
}

// === impl Beds ===

impl Beds {
    /// Makes a configuration the active one of many locations. Every location that
    /// is unknown or not in use, and every line that the catalogue does not know, is
    /// named by the refusal, and then nothing changes.
    pub async fn apply(&self, user: &str, command: &Apply) -> Result<Outcome, Error> {
        retry(|| async {
            let tx = begin(self.connection()).await?;
            if let Some((operation, hash)) = operations::find(&tx, command.id).await? {
                return again(&tx, command, operation, &hash).await;
            }
            let (operation, applied) = self.apply_now(&tx, user, command).await?;
            if command.dry_run {
                tx.rollback().await?;
                return Ok(Outcome {
                    operation: None,
                    changes: applied.iter().map(Applied::rehearsed).collect(),
                });
            }
            tx.commit().await?;
            Ok(outcome(operation, &applied))
        })
        .await
    }

    async fn apply_now(
        &self,
        tx: &Tx,
        user: &str,
        command: &Apply,
    ) -> Result<(Operation, Vec<Applied>), Error> {
        let Apply {
            id,
            content_hash,
            locations: of,
            crop,
            dry_run: _,
        } = command;
        let locked = locations::lock_all(tx, of).await?;
        let mut faults = place_faults(of, &locked);
        faults.extend(line_faults(tx, &crop.lines).await?);
        if !faults.is_empty() {
            return Err(Error::Invalid(some(faults)));
        }
        let now = self.now();
        let applied = replace(tx, of, crop, now).await?;
        let changed = applied.iter().filter(|one| one.is_change()).count();
        let operation = Operation {
            id: *id,
            user: user.to_owned(),
            created_at: now,
            changed_locations: i32::try_from(changed).unwrap_or(i32::MAX),
            undone: None,
        };
        operations::insert(tx, &operation, content_hash, &applied).await?;
        Ok((operation, applied))
    }
}

/// The answer to an operation that was done before.
async fn again(
    tx: &Tx,
    command: &Apply,
    operation: Operation,
    hash: &str,
) -> Result<Outcome, Error> {
    if hash != command.content_hash {
        return Err(Exists::RequestIdReused.into());
    }
    let applied = operations::applied(tx, operation.id).await?;
    Ok(outcome(operation, &applied))
}

fn outcome(operation: Operation, applied: &[Applied]) -> Outcome {
    Outcome {
        operation: Some(operation),
        changes: applied.iter().map(Applied::change).collect(),
    }
}

/// Closes what is configured otherwise, and gives these locations new versions; says
/// what became of each, by its key.
async fn replace(
    tx: &Tx,
    of: &[LocationId],
    crop: &Crop,
    now: DateTime<Utc>,
) -> Result<Vec<Applied>, Error> {
    let before = active(tx, of).await?;
    let otherwise = |id: &LocationId| before.get(id).is_none_or(|one| one.crop != *crop);
    let changed: Vec<LocationId> = of.iter().copied().filter(otherwise).collect();
    configurations::close(tx, &changed, now).await?;
    let crops: Vec<(LocationId, &Crop)> = changed.iter().map(|id| (*id, crop)).collect();
    configurations::insert(tx, &crops, now).await?;
    let after: BTreeMap<LocationId, Configuration> = active(tx, of).await?.into_iter().collect();
    let applied = after.into_iter().map(|(location, made)| Applied {
        location,
        previous: before.get(&location).map(|one| one.id),
        made: made.id,
        undone: None,
    });
    Ok(applied.collect())
}

/// Which of the named locations cannot be configured.
fn place_faults(of: &[LocationId], locked: &[LockedLocation]) -> Vec<Invalid> {
    let known: HashMap<LocationId, &LockedLocation> = locked
        .iter()
        .map(|location| (location.id, location))
        .collect();
    let fault = |(number, id): (usize, &LocationId)| {
        let problem = match known.get(id) {
            None => format!("there is no storage location {id}: leave it out"),
            Some(location) if !location.active => {
                format!("location {} is not active: leave it out", location.code)
            }
            Some(_) => return None,
        };
        Some(Invalid::new(
            format!("storage_location_ids[{number}]"),
            problem,
        ))
    };
    of.iter().enumerate().filter_map(fault).collect()
}

/// Which of the lines name what the catalogue lacks.
async fn line_faults(tx: &Tx, lines: &Lines) -> Result<Vec<Invalid>, Error> {
    let mut faults = Vec::new();
    for (number, line) in lines.all().iter().enumerate() {
        if let Some((what, key)) = missing(tx, line.kind).await? {
            let problem = format!("there is no {what} {key}: choose one of the catalogue");
            faults.push(Invalid::new(format!("lines[{number}]"), problem));
        }
    }
    Ok(faults)
}

/// As many faults as an answer has room for; the last one says how many there are
/// besides.
fn some(mut faults: Vec<Invalid>) -> Vec<Invalid> {
    let besides = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    if let Some(last) = faults.last_mut().filter(|_| besides > 0) {
        last.problem = format!("{} ({besides} more are refused)", last.problem);
    }
    faults
}
