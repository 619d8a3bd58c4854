//! How an entry gets into the ledger, and how its request finds it again.

use chrono::{DateTime, Utc};
use demeter_db::Key;

use super::Ledger;
use super::books::Books;
use super::write::{Arrival, Says, effect};
use crate::database::requests::{self, Answer, Used};
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::BatchId;
use crate::ledger::domain::batch::{Effect, NotEnoughPlants};
use crate::ledger::domain::fact::{Effective, Fact, FactId, What};
use crate::ledger::domain::movement::Entry;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::{batches, movements};

/// A movement that somebody enters.
pub(super) struct Entered {
    pub batch: BatchId,
    pub entry: Entry,
    pub effective: Effective,
    pub user: String,
    /// Asked after the bed was locked.
    pub now: DateTime<Utc>,
}

// === impl Ledger ===

impl Ledger {
    /// Enters a movement of a batch. A loss of now is refused when the batch holds
    /// fewer; an earlier one takes what stood there.
    pub(super) async fn enter(
        &self,
        tx: &Tx,
        books: Books,
        entered: Entered,
    ) -> Result<Effect, Error> {
        let Entered {
            batch,
            entry,
            effective,
            user,
            now,
        } = entered;
        let change = entry.change();
        if effective.at >= now {
            let found = books
                .batch(batch)
                .ok_or(StoreError::Corrupt("entered batch"))?;
            found.balance_after(change)?;
        }
        let what = What::Entry { batch, change };
        let arrival = Arrival {
            fact: Fact {
                at: effective.at,
                what,
            },
            says: Says::Entry(entry),
            effective,
            user,
            now,
        };
        let written = self.write(tx, books, arrival).await?;
        let FactId::Entry(id) = written.id else {
            return Err(StoreError::Corrupt("entered movement").into());
        };
        Ok(written.effect(id)?)
    }
}

// === impl RequestKey ===

impl Key for RequestKey {
    type Answer = Effect;
    type Error = Error;

    async fn answered(&self, tx: &Tx) -> Result<Option<Effect>, Error> {
        match requests::find(tx, self).await? {
            None => Ok(None),
            Some(Used::Same(answer)) => Ok(Some(read_again(tx, answer).await?)),
            Some(Used::Otherwise) => Err(Exists::RequestIdReused.into()),
        }
    }

    async fn remember(&self, tx: &Tx, effect: &Effect) -> Result<(), Error> {
        let Effect {
            batch,
            movement,
            consequences: _,
        } = effect;
        let answer = Answer {
            movement: movement.id,
            empty_containers: batch.holding().empty_containers.get(),
        };
        Ok(requests::insert(tx, self, answer, movement.created_at).await?)
    }
}

/// The effect that an arrival had, whatever has happened to its batch since.
async fn read_again(tx: &Tx, answer: Answer) -> Result<Effect, StoreError> {
    let corrupt = || StoreError::Corrupt("answer to a request");
    let movement = movements::find(tx, answer.movement).await?;
    let movement = movement.ok_or_else(corrupt)?;
    let lines = movements::recorded_with(tx, movement.fact).await?;
    let last = lines.iter().rev().find(|line| line.batch == movement.batch);
    let empty_containers = Quantity::new(answer.empty_containers).ok_or_else(corrupt)?;
    let batch = batches::find(tx, movement.batch).await?;
    let batch = batch
        .zip(last)
        .map(|(batch, last)| batch.after(last, empty_containers));
    effect(&lines, movement.id, |_| batch)
}

impl From<NotEnoughPlants> for Error {
    fn from(refused: NotEnoughPlants) -> Self {
        let NotEnoughPlants { have, wanted } = refused;
        Refusal::NotEnoughPlants {
            have: have.get(),
            wanted: wanted.get(),
        }
        .into()
    }
}
