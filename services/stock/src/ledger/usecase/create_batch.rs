//! Plants a new batch in a location.

use chrono::{DateTime, NaiveDate, Utc};
use demeter_db::{Once, once};

use super::Ledger;
use super::answer::Done;
use super::enter::Occasion;
use super::plant::Planted;
use crate::beds::usecase::lock_active;
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, Tx};
use crate::error::Error;
use crate::ids::{BatchId, LocationId};
use crate::ledger::domain::batch::Effect;
use crate::ledger::domain::movement::Entry;
use crate::ledger::domain::quantity::Change;

/// What to plant where.
#[derive(Clone, Debug)]
pub struct CreateBatch {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// Where.
    pub location: LocationId,
    /// What.
    pub kind: Kind,
    /// The plants that come.
    pub plants: Change,
    /// The day on which they were planted when `None`.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
    /// When they were planted; now when `None`.
    pub effective_at: Option<DateTime<Utc>>,
}

// === impl Ledger ===

impl Ledger {
    /// Plants a new batch, with its first movement.
    pub async fn create_batch(
        &self,
        user: &str,
        command: &CreateBatch,
    ) -> Result<Once<Effect>, Error> {
        let Once { answer, how } = once(self.connection(), &command.key, |tx| async move {
            let effect = self.plant(&tx, user, command).await?;
            Ok(Done::one(effect.movement.created_at, [effect]))
        })
        .await?;
        let answer = answer.into_effect()?;
        Ok(Once { answer, how })
    }

    async fn plant(&self, tx: &Tx, user: &str, command: &CreateBatch) -> Result<Effect, Error> {
        let location = lock_active(tx, command.location).await?;
        let now = self.now();
        let effective = self.effective(command.effective_at, now)?;
        check_kind(tx, command.kind).await?;
        let day = effective.at.date_naive();
        let planted = Planted {
            id: BatchId(self.ids.next()),
            kind: command.kind,
            quantity: command.plants.plants(),
            planting_date: Some(command.planting_date.unwrap_or(day)),
            notes: command.notes.clone(),
        };
        let occasion = Occasion {
            tx,
            user,
            effective,
            now,
        };
        let (batch, entry) = (planted.id, Entry::planting(command.plants));
        self.new_batch(tx, &location, planted, now).await?;
        let mut books = self.open_books(tx, location, effective.at).await?;
        let effect = self.enter_one(&mut books, batch, entry, occasion).await?;
        self.save(tx, &mut books).await?;
        Ok(effect)
    }
}
