//! What every new batch needs: a code, and a row that its first movement fills.

use chrono::{DateTime, NaiveDate, Utc};

use super::Ledger;
use crate::beds::domain::bin::LockedLocation;
use crate::beds::usecase::bin_of;
use crate::catalog::domain::Kind;
use crate::database::Tx;
use crate::error::Error;
use crate::ids::BatchId;
use crate::ledger::domain::batch::{Batch, Origin, batch_code_prefix};
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::batches;

/// Plants that are to become a batch.
pub(super) struct Planted {
    pub id: BatchId,
    pub kind: Kind,
    pub quantity: Quantity,
    pub planting_date: Option<NaiveDate>,
    pub notes: String,
}

// === impl Ledger ===

impl Ledger {
    /// Adds a batch to a locked location. It holds nothing yet: its first
    /// movement brings the plants.
    pub(super) async fn new_batch(
        &self,
        tx: &Tx,
        location: &LockedLocation,
        planted: Planted,
        now: DateTime<Utc>,
    ) -> Result<Batch, Error> {
        let Planted {
            id,
            kind,
            quantity,
            planting_date,
            notes,
        } = planted;
        let bin = bin_of(tx, location, now).await?;
        let prefix = batch_code_prefix(location.id, kind.product, now.date_naive());
        let batch = Batch::new(Origin {
            id,
            code: batches::next_code(tx, &prefix).await?,
            location: location.id,
            bin,
            kind,
            quantity_initial: quantity,
            planting_date,
            notes,
            created_at: now,
        });
        batches::insert(tx, &batch).await?;
        Ok(batch)
    }
}
