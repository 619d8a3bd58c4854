//! Records movements: one, or many in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use demeter_db::{Once, once};

use super::Ledger;
use super::answer::Done;
use super::enter::{Item, When};
use super::target::Target;
use crate::database::requests::Refused;
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, ItemRefused};
use crate::ids::{BatchId, LocationId};
use crate::invalid::Invalid;
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::Entry;
use crate::ledger::store::batches;

/// What changed.
#[derive(Clone, Debug)]
pub struct NewMovement {
    /// The batch that changes, or the bed and the kind.
    pub target: Target,
    /// Type, plants, reason, price.
    pub entry: Entry,
    /// When it took effect; now when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

/// What changed, once.
#[derive(Clone, Debug)]
pub struct RecordMovement {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// What changed.
    pub movement: NewMovement,
}

/// Many changes.
#[derive(Clone, Debug)]
pub struct RecordMovements {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// What changed, in this order; what is no movement is refused like one that the
    /// ledger refuses.
    pub movements: Vec<Result<NewMovement, Invalid>>,
    /// Enter the others when one is refused; else all or none.
    pub continue_on_error: bool,
}

// === impl Ledger ===

impl Ledger {
    /// Records a movement and its effect on the bed, in one transaction: a line, or,
    /// when plants of a bed and a kind were named, one for each batch that gave some.
    pub async fn record_movement(
        &self,
        user: &str,
        command: &RecordMovement,
    ) -> Result<Once<Vec<Effect>>, Error> {
        let done = once(self.connection(), &command.key, |tx| async move {
            let movements = [Ok(command.movement.clone())];
            let items = located(&tx, &movements).await?;
            let mut entered = self.enter_all(&tx, user, items).await?;
            let effects = entered.pop().unwrap_or_else(|| Ok(Vec::new()))?;
            Ok(Done::one(self.now(), effects))
        })
        .await?;
        Ok(done.map(Done::into_effects))
    }

    /// Records many movements in one transaction, in their order.
    pub async fn record_movements(
        &self,
        user: &str,
        command: &RecordMovements,
    ) -> Result<Once<Done>, Error> {
        once(self.connection(), &command.key, |tx| async move {
            let items = located(&tx, &command.movements).await?;
            let entered = self.enter_all(&tx, user, items).await?;
            let done = self.sorted(entered);
            if !command.continue_on_error && !done.refused.is_empty() {
                return Err(Error::Items(
                    done.refused.iter().map(ItemRefused::from).collect(),
                ));
            }
            Ok(done)
        })
        .await
    }

    fn sorted(&self, items: Vec<Result<Vec<Effect>, Error>>) -> Done {
        let mut done = Done::one(self.now(), []);
        for (item, entered) in items.into_iter().enumerate() {
            match entered {
                Ok(effects) => done
                    .entered
                    .extend(effects.into_iter().map(|effect| (item, effect))),
                Err(error) => done.refused.push(refused(item, &error)),
            }
        }
        done
    }
}

fn refused(item: usize, error: &Error) -> Refused {
    Refused {
        item: i32::try_from(item).unwrap_or(i32::MAX),
        field: error.field().to_owned(),
        reason: error.reason().to_owned(),
        message: error.problem(),
    }
}

/// The bed of each movement. A batch never changes its bed, so that it can be asked
/// before the bed is locked.
async fn located(
    tx: &Tx,
    movements: &[Result<NewMovement, Invalid>],
) -> Result<Vec<Result<Item, Error>>, StoreError> {
    let named = movements
        .iter()
        .flatten()
        .filter_map(|one| match one.target {
            Target::Batch(id) => Some(id),
            Target::Bed(_) => None,
        });
    let found = batches::some_of(tx, named).await?;
    let beds: HashMap<BatchId, LocationId> = found
        .iter()
        .map(|batch| (batch.origin().id, batch.origin().location))
        .collect();
    let items = movements.iter().map(|one| {
        let NewMovement {
            target,
            entry,
            effective_at,
        } = one.clone()?;
        let location = match &target {
            Target::Batch(id) => beds.get(id).copied(),
            Target::Bed(bed) => Some(bed.location),
        };
        let batch = || match &target {
            Target::Batch(id) => id.to_string(),
            Target::Bed(_) => String::new(),
        };
        Ok(Item {
            location: location.ok_or_else(|| Error::not_found("batch", batch()))?,
            target,
            entry,
            when: When::Stated(effective_at),
        })
    });
    Ok(items.collect())
}
