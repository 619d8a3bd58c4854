//! Months that are closed for good: the ledger takes nothing of them.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::closed_month;
use crate::database::StoreError;

/// A month that is closed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedMonth {
    /// 202610 is October 2026.
    pub month: i32,
    /// The last instant that is closed.
    pub ends_at: DateTime<Utc>,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: DateTime<Utc>,
}

/// The last month that is closed, if any is.
pub async fn last(connection: &impl ConnectionTrait) -> Result<Option<ClosedMonth>, StoreError> {
    let row = closed_month::Entity::find()
        .order_by_desc(closed_month::Column::Month)
        .one(connection)
        .await?;
    Ok(row.map(ClosedMonth::from))
}

/// The closed months before one, oldest first.
pub async fn before(
    connection: &impl ConnectionTrait,
    month: i32,
) -> Result<Vec<ClosedMonth>, StoreError> {
    let rows = closed_month::Entity::find()
        .filter(closed_month::Column::Month.lt(month))
        .order_by_asc(closed_month::Column::Month)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(ClosedMonth::from).collect())
}

/// Those of these months that are closed.
pub async fn among(
    connection: &impl ConnectionTrait,
    months: impl IntoIterator<Item = i32>,
) -> Result<Vec<ClosedMonth>, StoreError> {
    let rows = closed_month::Entity::find()
        .filter(closed_month::Column::Month.is_in(months))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(ClosedMonth::from).collect())
}

/// Closes a month.
pub async fn insert(
    connection: &impl ConnectionTrait,
    closed: ClosedMonth,
) -> Result<(), StoreError> {
    let ClosedMonth {
        month,
        ends_at,
        closed_by,
        closed_at,
    } = closed;
    let row = closed_month::ActiveModel {
        month: Set(month),
        ends_at: Set(ends_at),
        closed_by: Set(closed_by),
        closed_at: Set(closed_at),
    };
    closed_month::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

impl From<closed_month::Model> for ClosedMonth {
    fn from(row: closed_month::Model) -> Self {
        let closed_month::Model {
            month,
            ends_at,
            closed_by,
            closed_at,
        } = row;
        Self {
            month,
            ends_at,
            closed_by,
            closed_at,
        }
    }
}
