//! Plants a new batch in a location.

use chrono::NaiveDate;
use demeter_db::once;

use super::Ledger;
use super::enter::enter;
use super::plant::Planted;
use crate::beds::usecase::lock_active;
use crate::catalog::domain::Kind;
use crate::catalog::usecase::check_kind;
use crate::database::{RequestKey, Tx};
use crate::error::Error;
use crate::ids::LocationId;
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
    /// Today when `None`.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
}

// === impl Ledger ===

impl Ledger {
    /// Plants a new batch, with its first movement.
    pub async fn create_batch(&self, user: &str, command: &CreateBatch) -> Result<Effect, Error> {
        once(self.connection(), &command.key, |tx| async move {
            self.plant(&tx, user, command).await
        })
        .await
    }

    async fn plant(&self, tx: &Tx, user: &str, command: &CreateBatch) -> Result<Effect, Error> {
        let CreateBatch {
            key: _,
            location,
            kind,
            plants,
            planting_date,
            notes,
        } = command;
        let location = lock_active(tx, *location).await?;
        let now = self.now();
        check_kind(tx, *kind).await?;
        let planted = Planted {
            kind: *kind,
            quantity: plants.plants(),
            planting_date: Some(planting_date.unwrap_or_else(|| now.date_naive())),
            notes: notes.clone(),
        };
        let batch = self.new_batch(tx, &location, planted, now).await?;
        let entry = Entry::planting(*plants);
        enter(tx, batch, entry.draft(self.next_movement(), user, now)).await
    }
}
