//! Approvals of beds.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::{act, approval};
use crate::database::StoreError;
use crate::ids::{LocationId, MonthActId};
use crate::ledger::domain::movement::Movement;
use crate::ledger::store::entity::movement;
use crate::months::domain::act::Approval;
use crate::months::domain::month::Month;

/// Rows of one statement: SQLite takes 32,766 values.
const ROWS: usize = 2_000;

/// The approvals of these beds' month that nobody has taken back.
pub async fn standing(
    connection: &impl ConnectionTrait,
    month: Month,
    beds: &[LocationId],
) -> Result<HashMap<LocationId, Approval>, StoreError> {
    let rows = approval::Entity::find()
        .filter(approval::Column::Month.eq(month.key()))
        .filter(approval::Column::ReopenedBy.is_null())
        .filter(approval::Column::StorageLocationId.is_in(beds.iter().map(|bed| bed.0)))
        .all(connection)
        .await?;
    let acts = acts(connection, &rows).await?;
    let told = rows.into_iter().map(|row| {
        let act = acts.get(&row.month_act_id);
        let act = act.ok_or(StoreError::Corrupt("approval of a bed"))?;
        let location = LocationId(row.storage_location_id);
        let approval = Approval {
            act: MonthActId(row.month_act_id),
            location,
            sold: row.sold,
            read: row.read_digest,
            user: act.user_id.clone(),
            at: act.created_at,
        };
        Ok((location, approval))
    });
    told.collect()
}

async fn acts(
    connection: &impl ConnectionTrait,
    rows: &[approval::Model],
) -> Result<HashMap<Uuid, act::Model>, StoreError> {
    let mut keys: Vec<Uuid> = rows.iter().map(|row| row.month_act_id).collect();
    keys.sort_unstable();
    keys.dedup();
    let acts = act::Entity::find()
        .filter(act::Column::MonthActId.is_in(keys))
        .all(connection)
        .await?;
    Ok(acts
        .into_iter()
        .map(|act| (act.month_act_id, act))
        .collect())
}

/// Adds approvals of a month.
pub async fn insert(
    connection: &impl ConnectionTrait,
    month: Month,
    approvals: &[Approval],
) -> Result<(), StoreError> {
    for some in approvals.chunks(ROWS) {
        let rows = some.iter().map(|approval| {
            let Approval {
                act,
                location,
                sold,
                read,
                // The act has them.
                user: _,
                at: _,
            } = approval;
            approval::ActiveModel {
                month_act_id: Set(act.0),
                storage_location_id: Set(location.0),
                month: Set(month.key()),
                sold: Set(*sold),
                read_digest: Set(read.clone()),
                reopened_by: Set(None),
            }
        });
        approval::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Takes the approvals of these beds' month back.
pub async fn take_back(
    connection: &impl ConnectionTrait,
    month: Month,
    beds: &[LocationId],
    by: MonthActId,
) -> Result<(), StoreError> {
    approval::Entity::update_many()
        .col_expr(approval::Column::ReopenedBy, Expr::value(by.0))
        .filter(approval::Column::Month.eq(month.key()))
        .filter(approval::Column::ReopenedBy.is_null())
        .filter(approval::Column::StorageLocationId.is_in(beds.iter().map(|bed| bed.0)))
        .exec(connection)
        .await?;
    Ok(())
}

/// The lines that these acts wrote in these beds.
pub async fn lines(
    connection: &impl ConnectionTrait,
    acts: &[MonthActId],
    beds: &[LocationId],
) -> Result<Vec<Movement>, StoreError> {
    let rows = movement::Entity::find()
        .filter(movement::Column::MonthActId.is_in(acts.iter().map(|act| act.0)))
        .filter(movement::Column::StorageLocationId.is_in(beds.iter().map(|bed| bed.0)))
        .all(connection)
        .await?;
    rows.into_iter().map(Movement::try_from).collect()
}
