//! Months that were opened.

use std::collections::HashMap;

use chrono::TimeDelta;
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::month;
use crate::database::{Page, Paging, StoreError};
use crate::ledger::store::closed_months::{self, ClosedMonth};
use crate::months::domain::act::Opened;
use crate::months::domain::month::{Month, Period};

/// One month, if it was opened.
pub async fn find(
    connection: &impl ConnectionTrait,
    month: Month,
) -> Result<Option<Opened>, StoreError> {
    let row = month::Entity::find_by_id(month.key())
        .one(connection)
        .await?;
    let rows = with_closing(connection, row.into_iter().collect()).await?;
    Ok(rows.into_iter().next())
}

/// Months, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Opened>, StoreError> {
    let keys = [month::Column::Month];
    let page = paging
        .falling(connection, month::Entity::find(), &keys, |row| {
            Ok::<_, StoreError>(row)
        })
        .await?;
    Ok(Page {
        items: with_closing(connection, page.items).await?,
        next_token: page.next_token,
    })
}

/// The months before one, oldest first.
pub async fn before(
    connection: &impl ConnectionTrait,
    month: Month,
) -> Result<Vec<Opened>, StoreError> {
    let rows = month::Entity::find()
        .filter(month::Column::Month.lt(month.key()))
        .order_by_asc(month::Column::Month)
        .all(connection)
        .await?;
    with_closing(connection, rows).await
}

/// Opens a month.
pub async fn insert(connection: &impl ConnectionTrait, opened: &Opened) -> Result<(), StoreError> {
    let Opened {
        month,
        period: Period { starts, ends },
        closing_within,
        by,
        at,
        // It is opened before it is closed.
        closed: _,
    } = opened;
    let row = month::ActiveModel {
        month: Set(month.key()),
        starts_at: Set(*starts),
        ends_at: Set(*ends),
        closing_count_days: Set(i32::try_from(closing_within.num_days()).unwrap_or(i32::MAX)),
        opened_by: Set(by.clone()),
        opened_at: Set(*at),
    };
    month::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Months with who closed them.
async fn with_closing(
    connection: &impl ConnectionTrait,
    rows: Vec<month::Model>,
) -> Result<Vec<Opened>, StoreError> {
    let closed = closed_months::among(connection, rows.iter().map(|row| row.month)).await?;
    let mut closed: HashMap<i32, ClosedMonth> =
        closed.into_iter().map(|one| (one.month, one)).collect();
    let told = rows.into_iter().map(|row| {
        let closed = closed.remove(&row.month);
        opened(row, closed)
    });
    told.collect()
}

fn opened(row: month::Model, closed: Option<ClosedMonth>) -> Result<Opened, StoreError> {
    let month::Model {
        month,
        starts_at,
        ends_at,
        closing_count_days,
        opened_by,
        opened_at,
    } = row;
    Ok(Opened {
        month: Month::from_key(month).ok_or(StoreError::Corrupt("month"))?,
        period: Period {
            starts: starts_at,
            ends: ends_at,
        },
        closing_within: TimeDelta::days(closing_count_days.into()),
        by: opened_by,
        at: opened_at,
        closed: closed.map(|closed| (closed.closed_by, closed.closed_at)),
    })
}
