//! What late facts changed in closed months, and which later months settled it.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect as _, Set};

use super::entity::{approval, carry, remainder};
use crate::database::StoreError;
use crate::ids::{BatchId, LocationId, MonthActId};
use crate::ledger::store::closed_months::ClosedMonth;
use crate::ledger::store::entity::movement;
use crate::months::domain::month::Month;

/// Rows of one statement: SQLite takes 32,766 values.
const ROWS: usize = 5_000;

/// Those of these beds of which facts were recorded since a month was closed, that took
/// effect before its end.
pub async fn late(
    connection: &impl ConnectionTrait,
    closed: &ClosedMonth,
    beds: &[LocationId],
) -> Result<Vec<LocationId>, StoreError> {
    let rows: Vec<i32> = movement::Entity::find()
        .select_only()
        .column(movement::Column::StorageLocationId)
        .distinct()
        .filter(movement::Column::StorageLocationId.is_in(beds.iter().map(|bed| bed.0)))
        .filter(movement::Column::EffectiveAt.lte(closed.ends_at))
        .filter(movement::Column::CreatedAt.gte(closed.closed_at))
        .filter(movement::Column::MonthActId.is_null())
        .into_tuple()
        .all(connection)
        .await?;
    let beds: BTreeSet<LocationId> = rows.into_iter().map(LocationId).collect();
    Ok(beds.into_iter().collect())
}

/// What kinds lacked still when a month was closed, by the batches that stand for them.
pub async fn remainders(
    connection: &impl ConnectionTrait,
    month: Month,
) -> Result<HashMap<BatchId, i64>, StoreError> {
    let rows = remainder::Entity::find()
        .filter(remainder::Column::Month.eq(month.key()))
        .all(connection)
        .await?;
    let told = rows
        .into_iter()
        .map(|row| (BatchId(row.batch_id), row.unexplained));
    Ok(told.collect())
}

/// Keeps what kinds lack still when a month is closed.
pub async fn insert_remainders(
    connection: &impl ConnectionTrait,
    month: Month,
    lacking: &[(BatchId, i64)],
) -> Result<(), StoreError> {
    for some in lacking.chunks(ROWS) {
        let rows = some.iter().map(|(batch, plants)| remainder::ActiveModel {
            month: Set(month.key()),
            batch_id: Set(batch.0),
            unexplained: Set(*plants),
        });
        remainder::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// What the approvals of other months that nobody has taken back settled in these beds.
pub async fn settled(
    connection: &impl ConnectionTrait,
    month: Month,
    beds: &[LocationId],
) -> Result<Vec<(LocationId, BatchId, i64)>, StoreError> {
    let rows = carry::Entity::find()
        .filter(carry::Column::StorageLocationId.is_in(beds.iter().map(|bed| bed.0)))
        .all(connection)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let acts: HashSet<Uuid> = rows.iter().map(|row| row.month_act_id).collect();
    let standing: Vec<(Uuid, i32)> = approval::Entity::find()
        .select_only()
        .column(approval::Column::MonthActId)
        .column(approval::Column::StorageLocationId)
        .filter(approval::Column::MonthActId.is_in(acts))
        .filter(approval::Column::ReopenedBy.is_null())
        .filter(approval::Column::Month.ne(month.key()))
        .into_tuple()
        .all(connection)
        .await?;
    let standing: HashSet<(Uuid, i32)> = standing.into_iter().collect();
    let settled = rows
        .into_iter()
        .filter(|row| standing.contains(&(row.month_act_id, row.storage_location_id)));
    let told = settled.map(|row| {
        let bed = LocationId(row.storage_location_id);
        (bed, BatchId(row.batch_id), row.plants)
    });
    Ok(told.collect())
}

/// Keeps what an approval settles.
pub async fn insert(
    connection: &impl ConnectionTrait,
    act: MonthActId,
    settled: &[(LocationId, BatchId, i64)],
) -> Result<(), StoreError> {
    for some in settled.chunks(ROWS) {
        let rows = some.iter().map(|(bed, batch, plants)| carry::ActiveModel {
            month_act_id: Set(act.0),
            batch_id: Set(batch.0),
            storage_location_id: Set(bed.0),
            plants: Set(*plants),
        });
        carry::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}
