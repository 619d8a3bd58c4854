//! Plants a new batch in a location.

use chrono::NaiveDate;
use demeter_db::retry;

use super::plant::{Planted, new_batch};
use super::{Ledger, answered};
use crate::beds::usecase::{bin_of, lock_active};
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::RequestKey;
use crate::error::Error;
use crate::ids::{LocationId, MovementId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::{Draft, MovementType, Source};

/// What to plant where.
#[derive(Clone, Debug)]
pub struct CreateBatch {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// Where.
    pub location: LocationId,
    /// What.
    pub kind: Kind,
    /// Plants; above 0.
    pub quantity: i64,
    /// Today when `None`.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
}

// === impl Ledger ===

impl Ledger {
    /// Plants a new batch, with its first movement.
    pub async fn create_batch(&self, user: &str, command: &CreateBatch) -> Result<Effect, Error> {
        retry(|| self.try_create_batch(user, command)).await
    }

    async fn try_create_batch(&self, user: &str, command: &CreateBatch) -> Result<Effect, Error> {
        let CreateBatch {
            key,
            location,
            kind,
            quantity,
            planting_date,
            notes,
        } = command;
        let tx = self.store.begin().await?;
        if let Some(effect) = answered(&tx, key).await? {
            return Ok(effect);
        }
        let now = self.now();
        let location = lock_active(&tx, *location).await?;
        check_kind(&tx, *kind).await?;
        let planted = Planted {
            kind: *kind,
            bin: bin_of(&tx, &location, now).await?,
            quantity: *quantity,
            planting_date: Some(planting_date.unwrap_or_else(|| now.date_naive())),
            notes: notes.clone(),
        };
        let mut batch = new_batch(&tx, &self.ids, location.id, planted, now).await?;
        let movement = batch.apply(Draft {
            id: MovementId(self.ids.next()),
            movement_type: MovementType::Plantar,
            quantity: *quantity,
            source: Source::Manual,
            reason: "new batch".to_owned(),
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
