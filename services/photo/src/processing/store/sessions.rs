//! Sessions: read with their photo, changed with their result.

use chrono::{DateTime, Utc};
use demeter_db::write;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};

use super::{results, rows};
use crate::database::entity::{photo, session};
use crate::database::{Store, StoreError};
use crate::ports::{Count, SessionId};
use crate::processing::domain::Session;
use crate::uploads::domain::{Photo, Stage};

/// Who changes a session, and when it is next worked on.
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    /// The worker that must hold the lease; `None` for a person, who changes only
    /// sessions that nobody works on.
    pub owner: Option<&'a str>,
    /// Keep the lease (the worker goes on), or give it back.
    pub keep_lease: bool,
    /// Not before then.
    pub next_attempt_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Reads a session with its photo.
pub async fn find(store: &Store, id: SessionId) -> Result<Option<(Photo, Session)>, StoreError> {
    let found = photo::Entity::find()
        .find_also_related(session::Entity)
        .filter(photo::Column::SessionId.eq(id.0))
        .one(store.connection())
        .await?;
    found.map(rows::pair).transpose()
}

/// Writes what a step changed, unless the session is no longer at `before` or the
/// lease is lost: then false, and nothing is written.
pub async fn update(
    store: &Store,
    before: Stage,
    after: &Session,
    schedule: &Schedule<'_>,
) -> Result<bool, StoreError> {
    let update = set(store.connection(), before, after, schedule);
    store.durably(written(after), update).await
}

/// The same, together with the count that it rests on, in one transaction.
pub async fn update_counted(
    store: &Store,
    before: Stage,
    after: &Session,
    count: &Count,
    schedule: &Schedule<'_>,
) -> Result<bool, StoreError> {
    let update = write(store.connection(), |tx| async move {
        let tx = &*tx;
        let is_ours = set(tx, before, after, schedule).await?;
        if is_ours {
            results::replace(tx, after.id, count, schedule.now).await?;
        }
        Ok(is_ours)
    });
    store.durably(written(after), update).await
}

/// How many sessions are at each stage, for metrics.
pub async fn count_by_stage(store: &Store) -> Result<Vec<(Stage, u64)>, StoreError> {
    let found: Vec<(String, i64)> = session::Entity::find()
        .select_only()
        .column(session::Column::Status)
        .column_as(session::Column::SessionId.count(), "sessions")
        .group_by(session::Column::Status)
        .into_tuple()
        .all(store.connection())
        .await?;
    let count = |stage: Stage| {
        let counted = found.iter().find(|(name, _)| name == stage.name());
        let count = counted.and_then(|(_, count)| u64::try_from(*count).ok());
        (stage, count.unwrap_or(0))
    };
    Ok(Stage::ALL.into_iter().map(count).collect())
}

async fn set(
    connection: &impl ConnectionTrait,
    before: Stage,
    after: &Session,
    schedule: &Schedule<'_>,
) -> Result<bool, StoreError> {
    let mut row = rows::changed(after);
    row.next_attempt_at = Set(schedule.next_attempt_at);
    row.updated_at = Set(schedule.now);
    if !schedule.keep_lease {
        row.lease_owner = Set(None);
        row.lease_expires_at = Set(None);
    }
    let mut query = session::Entity::update_many()
        .set(row)
        .filter(session::Column::SessionId.eq(after.id.0))
        .filter(session::Column::Status.eq(before.name()));
    query = match schedule.owner {
        Some(owner) => query.filter(session::Column::LeaseOwner.eq(owner)),
        None => query.filter(session::Column::LeaseOwner.is_null()),
    };
    Ok(query.exec(connection).await?.rows_affected == 1)
}

/// The name of the [checkpoint](crate::checkpoints): each stage is one.
fn written(after: &Session) -> &'static str {
    after.status.stage().name()
}
