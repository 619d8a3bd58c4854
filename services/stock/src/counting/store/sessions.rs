//! Count sessions, and the beds that they count.

use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, Set};

use super::entity::{session, session_bed};
use crate::counting::domain::session::{Closed, CountSession, SessionStatus};
use crate::database::{Page, Paging, StoreError};
use crate::ids::{CountSessionId, LocationId};

/// A session and the digest of what it was opened with.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: CountSessionId,
) -> Result<Option<(CountSession, String)>, StoreError> {
    let row = by_id(id).one(connection).await?;
    row.map(|row| {
        let hash = row.content_hash.clone();
        Ok((row.try_into()?, hash))
    })
    .transpose()
}

/// Reads a session and keeps its row locked, so that what people enter, post and
/// cancel comes one after the other.
pub async fn lock(
    connection: &impl ConnectionTrait,
    id: CountSessionId,
) -> Result<Option<CountSession>, StoreError> {
    let row = by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await?;
    row.map(CountSession::try_from).transpose()
}

/// Sessions, newest first; only those of a status when it is stated.
pub async fn list(
    connection: &impl ConnectionTrait,
    status: Option<&'static str>,
    paging: &Paging,
) -> Result<Page<CountSession>, StoreError> {
    let mut query = session::Entity::find();
    if let Some(status) = status {
        query = query.filter(session::Column::Status.eq(status));
    }
    let keys = [session::Column::SessionNumber];
    paging
        .falling(connection, query, &keys, CountSession::try_from)
        .await
}

/// The beds of a session.
pub async fn beds(
    connection: &impl ConnectionTrait,
    id: CountSessionId,
) -> Result<Vec<LocationId>, StoreError> {
    let rows = session_bed::Entity::find()
        .filter(session_bed::Column::CountSessionId.eq(id.0))
        .order_by_asc(session_bed::Column::StorageLocationId)
        .all(connection)
        .await?;
    let bed = |row: session_bed::Model| LocationId(row.storage_location_id);
    Ok(rows.into_iter().map(bed).collect())
}

/// Adds a session.
pub async fn insert(
    connection: &impl ConnectionTrait,
    session: &CountSession,
    content_hash: &str,
    beds: &[LocationId],
) -> Result<(), StoreError> {
    let (status, closed) = told(&session.status);
    let row = session::ActiveModel {
        count_session_id: Set(session.id.0),
        content_hash: Set(content_hash.to_owned()),
        name: Set(session.name.clone()),
        notes: Set(session.notes.clone()),
        blind: Set(session.blind),
        status: Set(status.to_owned()),
        revision: Set(session.revision),
        opened_by: Set(session.opened_by.clone()),
        created_at: Set(session.created_at),
        closed_by: Set(closed.map(|closed| closed.by.clone())),
        closed_at: Set(closed.map(|closed| closed.at)),
        ..Default::default()
    };
    session::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    let beds = beds.iter().map(|bed| session_bed::ActiveModel {
        count_session_id: Set(session.id.0),
        storage_location_id: Set(bed.0),
    });
    session_bed::Entity::insert_many(beds)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Keeps how far a session is, and its revision.
pub async fn update(
    connection: &impl ConnectionTrait,
    session: &CountSession,
) -> Result<(), StoreError> {
    let (status, closed) = told(&session.status);
    session::Entity::update_many()
        .col_expr(session::Column::Status, Expr::value(status))
        .col_expr(session::Column::Revision, Expr::value(session.revision))
        .col_expr(
            session::Column::ClosedBy,
            Expr::value(closed.map(|closed| closed.by.clone())),
        )
        .col_expr(
            session::Column::ClosedAt,
            Expr::value(closed.map(|closed| closed.at)),
        )
        .filter(session::Column::CountSessionId.eq(session.id.0))
        .exec(connection)
        .await?;
    Ok(())
}

fn by_id(id: CountSessionId) -> Select<session::Entity> {
    session::Entity::find().filter(session::Column::CountSessionId.eq(id.0))
}

const fn told(status: &SessionStatus) -> (&'static str, Option<&Closed>) {
    match status {
        SessionStatus::Open => (OPEN, None),
        SessionStatus::Posted(closed) => (POSTED, Some(closed)),
        SessionStatus::Cancelled(closed) => (CANCELLED, Some(closed)),
    }
}

/// As stored, of an open session.
pub const OPEN: &str = "open";
/// As stored, of a posted session.
pub const POSTED: &str = "posted";
/// As stored, of a cancelled session.
pub const CANCELLED: &str = "cancelled";

impl TryFrom<session::Model> for CountSession {
    type Error = StoreError;

    fn try_from(row: session::Model) -> Result<Self, StoreError> {
        let session::Model {
            session_number: _,
            count_session_id,
            content_hash: _,
            name,
            notes,
            blind,
            status,
            revision,
            opened_by,
            created_at,
            closed_by,
            closed_at,
        } = row;
        let closed = closed_by.zip(closed_at).map(|(by, at)| Closed { at, by });
        let status = match (status.as_str(), closed) {
            (OPEN, None) => SessionStatus::Open,
            (POSTED, Some(closed)) => SessionStatus::Posted(closed),
            (CANCELLED, Some(closed)) => SessionStatus::Cancelled(closed),
            _ => return Err(StoreError::Corrupt("count session")),
        };
        Ok(Self {
            id: CountSessionId(count_session_id),
            name,
            notes,
            blind,
            status,
            revision,
            opened_by,
            created_at,
        })
    }
}
