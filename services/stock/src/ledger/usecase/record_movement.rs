//! Records a movement of one batch.

use demeter_db::retry;

use super::{Ledger, answered};
use crate::database::RequestKey;
use crate::error::Error;
use crate::ids::{BatchId, MovementId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::{Change, Draft, Source};

/// What changed in which batch.
#[derive(Clone, Debug)]
pub struct RecordMovement {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The batch that changes.
    pub batch: BatchId,
    /// Type, signed quantity and reason.
    pub change: Change,
}

// === impl Ledger ===

impl Ledger {
    /// Records a movement and its effect on the batch, in one transaction.
    pub async fn record_movement(
        &self,
        user: &str,
        command: &RecordMovement,
    ) -> Result<Effect, Error> {
        retry(|| self.try_record_movement(user, command)).await
    }

    async fn try_record_movement(
        &self,
        user: &str,
        command: &RecordMovement,
    ) -> Result<Effect, Error> {
        let RecordMovement { key, batch, change } = command;
        let tx = self.store.begin().await?;
        if let Some(effect) = answered(&tx, key).await? {
            return Ok(effect);
        }
        let Some(mut batch) = tx.lock_batch(*batch).await? else {
            return Err(Error::not_found("batch", batch));
        };
        // After the lock: recorded time follows the order of recording.
        let now = self.now();
        let movement = batch.apply(Draft {
            id: MovementId(self.ids.next()),
            movement_type: change.movement_type(),
            quantity: change.signed_quantity(),
            source: Source::Manual,
            reason: change.reason().to_owned(),
            session: None,
            user: user.to_owned(),
            effective_at: now,
            created_at: now,
        })?;
        tx.insert_movement(&movement).await?;
        tx.update_batch(&batch).await?;
        let effect = Effect { batch, movement };
        tx.insert_request(key, &effect, now).await?;
        tx.commit().await?;
        Ok(effect)
    }
}
