//! Records a movement of one batch.

use demeter_db::once;

use super::Ledger;
use super::enter::enter;
use crate::database::RequestKey;
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
}

// === impl Ledger ===

impl Ledger {
    /// Records a movement and its effect on the batch, in one transaction.
    pub async fn record_movement(
        &self,
        user: &str,
        command: &RecordMovement,
    ) -> Result<Effect, Error> {
        let RecordMovement { key, batch, entry } = command;
        once(self.connection(), key, |tx| async move {
            let found = batches::lock(&*tx, *batch).await;
            let batch = Error::found(found, "batch", batch)?;
            // After the lock: recorded time follows the order of recording.
            let now = self.now();
            enter(&tx, batch, entry.draft(self.next_movement(), user, now)).await
        })
        .await
    }
}
