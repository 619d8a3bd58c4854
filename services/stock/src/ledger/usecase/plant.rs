//! What every new batch needs: a bin, a code and a first movement.

use chrono::{DateTime, NaiveDate, Utc};
use demeter_clock::Ids;

use crate::catalog::domain::Kind;
use crate::database::Tx;
use crate::error::{Error, Refusal};
use crate::ids::{BatchId, BinId, LocationId};
use crate::ledger::domain::batch::{Batch, NotEnoughPlants, batch_code};

/// A batch before its first movement.
pub(super) struct Planted {
    pub kind: Kind,
    pub bin: BinId,
    pub quantity: i64,
    pub planting_date: Option<NaiveDate>,
    pub notes: String,
}

/// Adds a batch that holds nothing yet: its first movement brings the plants.
pub(super) async fn new_batch(
    tx: &Tx,
    ids: &Ids,
    location: LocationId,
    planted: Planted,
    now: DateTime<Utc>,
) -> Result<Batch, Error> {
    let Planted {
        kind,
        bin,
        quantity,
        planting_date,
        notes,
    } = planted;
    let day = now.date_naive();
    let sequence = tx.next_batch_sequence(location, kind.product, day).await?;
    let batch = Batch {
        id: BatchId(ids.next()),
        code: batch_code(location, kind.product, day, sequence),
        location,
        bin,
        kind,
        quantity_initial: quantity,
        quantity_current: 0,
        quantity_empty_containers: 0,
        planting_date,
        notes,
        created_at: now,
        updated_at: now,
    };
    tx.insert_batch(&batch).await?;
    Ok(batch)
}

impl From<NotEnoughPlants> for Error {
    fn from(refused: NotEnoughPlants) -> Self {
        let NotEnoughPlants { have, wanted } = refused;
        Refusal::NotEnoughPlants { have, wanted }.into()
    }
}
