//! How a request that entered movements finds its answer again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use demeter_db::Key;

use super::write::effect;
use crate::database::requests::{self, Answer, Entered, Refused, Used};
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, Exists};
use crate::ids::{BatchId, MovementId};
use crate::ledger::domain::batch::{Batch, Effect};
use crate::ledger::domain::fact::FactId;
use crate::ledger::domain::movement::Movement;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::{batches, movements};

/// What a request did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: DateTime<Utc>,
    /// The items that were entered, in their order: one item may be several lines.
    pub entered: Vec<(usize, Effect)>,
    /// The items that were not.
    pub refused: Vec<Refused>,
}

// === impl Done ===

impl Done {
    /// What a request of one item did.
    pub fn one(at: DateTime<Utc>, effects: impl IntoIterator<Item = Effect>) -> Self {
        Self {
            at,
            entered: effects.into_iter().map(|effect| (0, effect)).collect(),
            refused: Vec::new(),
        }
    }

    /// The lines of a request of one item.
    pub fn into_effects(self) -> Vec<Effect> {
        self.entered.into_iter().map(|(_, effect)| effect).collect()
    }

    /// The line of a request that enters just one.
    pub fn into_effect(self) -> Result<Effect, StoreError> {
        let mut effects = self.into_effects().into_iter();
        effects
            .next()
            .ok_or(StoreError::Corrupt("answer to a request"))
    }
}

// === impl RequestKey ===

impl Key for RequestKey {
    type Answer = Done;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<Done>, Error> {
        match requests::find(tx, self).await? {
            None => Ok(None),
            Some(Used::Same(answer)) => Ok(Some(read_again(tx, answer).await?)),
            Some(Used::Otherwise) => Err(Exists::RequestIdReused.into()),
        }
    }

    async fn remember(&self, tx: &Tx, done: &Done) -> Result<(), Error> {
        let entered = done.entered.iter().map(|(item, effect)| Entered {
            item: i32::try_from(*item).unwrap_or(i32::MAX),
            movement: effect.movement.id,
            empty_containers: effect.batch.holding().empty_containers.get(),
        });
        let answer = Answer {
            at: done.at,
            entered: entered.collect(),
            refused: done.refused.clone(),
        };
        Ok(requests::insert(tx, self, &answer).await?)
    }

    fn is_rehearsal(&self) -> bool {
        self.dry_run
    }
}

/// What a request did, whatever has happened to its batches since.
async fn read_again(tx: &Tx, answer: Answer) -> Result<Done, StoreError> {
    let Answer {
        at,
        entered,
        refused,
    } = answer;
    let ids = entered.iter().map(|one| one.movement);
    let lines = movements::all_of(tx, ids).await?;
    let facts: Vec<FactId> = lines.iter().map(|line| line.fact).collect();
    let recorded = Recorded::of(movements::recorded_with(tx, &facts).await?);
    let batches = lines.iter().map(|line| line.batch);
    let batches = batches::some_of(tx, batches).await?;
    let batches: HashMap<BatchId, Batch> = batches
        .into_iter()
        .map(|batch| (batch.origin().id, batch))
        .collect();
    let lines: HashMap<MovementId, Movement> =
        lines.into_iter().map(|line| (line.id, line)).collect();
    let entered = entered.into_iter().map(|one| {
        let corrupt = || StoreError::Corrupt("answer to a request");
        let line = lines.get(&one.movement).ok_or_else(corrupt)?;
        let item = usize::try_from(one.item).map_err(|_below_zero| corrupt())?;
        let empty = Quantity::new(one.empty_containers).ok_or_else(corrupt)?;
        Ok((item, recorded.effect(line, &batches, empty)?))
    });
    Ok(Done {
        at,
        entered: entered.collect::<Result<_, StoreError>>()?,
        refused,
    })
}

/// Lines by the fact whose arrival they were recorded with, in that order.
struct Recorded(HashMap<uuid::Uuid, Vec<Movement>>);

// === impl Recorded ===

impl Recorded {
    fn of(lines: Vec<Movement>) -> Self {
        let mut by_fact: HashMap<_, Vec<Movement>> = HashMap::new();
        for line in lines {
            let arrived = line.late_fact.unwrap_or_else(|| line.fact.uuid());
            by_fact.entry(arrived).or_default().push(line);
        }
        Self(by_fact)
    }

    /// The effect that the arrival of a line's fact had, with the batch as it was.
    fn effect(
        &self,
        line: &Movement,
        batches: &HashMap<BatchId, Batch>,
        empty_containers: Quantity,
    ) -> Result<Effect, StoreError> {
        let lines = self.0.get(&line.fact.uuid()).map_or(&[][..], Vec::as_slice);
        let last = lines.iter().rev().find(|other| other.batch == line.batch);
        let batch = batches.get(&line.batch).cloned();
        let batch = batch
            .zip(last)
            .map(|(batch, last)| batch.after(last, empty_containers));
        effect(lines, line.id, |_| batch)
    }
}
