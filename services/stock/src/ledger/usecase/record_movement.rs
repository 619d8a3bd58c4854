//! Records a movement of one batch.

use chrono::{DateTime, Utc};
use demeter_db::once;

use super::Ledger;
use super::enter::Entered;
use crate::beds::usecase::lock;
use crate::database::{RequestKey, Tx};
use crate::error::Error;
use crate::ids::BatchId;
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::Entry;
use crate::ledger::store::batches;

/// What changed in which batch.
#[derive(Clone, Debug)]
pub struct RecordMovement {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// The batch that changes.
    pub batch: BatchId,
    /// Type, plants and reason.
    pub entry: Entry,
    /// When it took effect; now when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

// === impl Ledger ===

impl Ledger {
    /// Records a movement and its effect on the bed, in one transaction.
    pub async fn record_movement(
        &self,
        user: &str,
        command: &RecordMovement,
    ) -> Result<Effect, Error> {
        once(self.connection(), &command.key, |tx| async move {
            self.record(&tx, user, command).await
        })
        .await
    }

    async fn record(&self, tx: &Tx, user: &str, command: &RecordMovement) -> Result<Effect, Error> {
        let found = batches::find(tx, command.batch).await;
        let batch = Error::found(found, "batch", command.batch)?;
        let location = lock(tx, batch.origin().location).await?;
        // After the lock: recorded time follows the order of recording.
        let now = self.now();
        let effective = self.effective(command.effective_at, now)?;
        let books = self.open_books(tx, location, effective.at).await?;
        let entered = Entered {
            batch: command.batch,
            entry: command.entry.clone(),
            effective,
            user: user.to_owned(),
            now,
        };
        self.enter(tx, books, entered).await
    }
}
