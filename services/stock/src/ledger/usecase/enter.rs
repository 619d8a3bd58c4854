//! How an entry gets into the ledger, and how its request finds it again.

use demeter_db::Key;

use crate::database::requests::{self, Answer, Used};
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ledger::domain::batch::{Batch, Effect, NotEnoughPlants};
use crate::ledger::domain::movement::Draft;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::{batches, movements};

/// Enters a movement of a batch whose row is locked.
pub(super) async fn enter(tx: &Tx, mut batch: Batch, draft: Draft) -> Result<Effect, Error> {
    let movement = batch.apply(draft)?;
    movements::insert(tx, &movement).await?;
    batches::update(tx, &batch).await?;
    Ok(Effect { batch, movement })
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
        let Effect { batch, movement } = effect;
        let answer = Answer {
            movement: movement.id,
            empty_containers: batch.holding().empty_containers.get(),
        };
        Ok(requests::insert(tx, self, answer, movement.created_at).await?)
    }
}

/// The effect that an entry had, whatever has happened to its batch since.
async fn read_again(tx: &Tx, answer: Answer) -> Result<Effect, StoreError> {
    let corrupt = || StoreError::Corrupt("answer to a request");
    let movement = movements::find(tx, answer.movement).await?;
    let movement = movement.ok_or_else(corrupt)?;
    let batch = batches::find(tx, movement.batch).await?;
    let empty_containers = Quantity::new(answer.empty_containers).ok_or_else(corrupt)?;
    let batch = batch
        .ok_or_else(corrupt)?
        .after(&movement, empty_containers);
    Ok(Effect { batch, movement })
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
