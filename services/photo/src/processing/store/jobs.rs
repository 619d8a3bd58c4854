//! Sessions as jobs: claimed by lease, changed only by who holds it.

use chrono::{DateTime, Utc};
use demeter_db::{Engine, engine};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{postgres, results, rows, sqlite};
use crate::database::entity::{result, session};
use crate::database::{Store, StoreError};
use crate::ports::{Count, SessionId};
use crate::processing::domain::{Session, Status};

/// Who works on a session, and until when nobody else may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Names one worker of one process that is running.
    pub owner: String,
    /// From then on others may take over.
    pub until: DateTime<Utc>,
}

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

// === impl Store ===

impl Store {
    /// Takes the session that has waited longest, if one can be worked on and
    /// nobody does. Two workers never take the same one.
    pub async fn claim(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Result<Option<SessionId>, StoreError> {
        let statement = match engine(&self.connection) {
            Engine::Sqlite => sqlite::claim(lease, now),
            Engine::Postgres => postgres::claim(lease, now),
        };
        let Some(row) = self.connection.query_one_raw(statement).await? else {
            return Ok(None);
        };
        let id: Uuid = row.try_get("", "session_id")?;
        Ok(Some(SessionId(id)))
    }

    /// Keeps a lease alive; false when someone else took over.
    pub async fn extend_lease(&self, id: SessionId, lease: &Lease) -> Result<bool, StoreError> {
        let done = session::Entity::update_many()
            .col_expr(session::Column::LeaseExpiresAt, Expr::value(lease.until))
            .filter(session::Column::SessionId.eq(id.0))
            .filter(session::Column::LeaseOwner.eq(lease.owner.as_str()))
            .exec(&self.connection)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Gives a lease back, so that another worker goes on at once.
    pub async fn release(&self, id: SessionId, owner: &str) -> Result<(), StoreError> {
        let nobody: Option<String> = None;
        session::Entity::update_many()
            .col_expr(session::Column::LeaseOwner, Expr::value(nobody))
            .filter(session::Column::SessionId.eq(id.0))
            .filter(session::Column::LeaseOwner.eq(owner))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Gives back what an earlier life of this process held: the number of
    /// leases. Only for a process that knows that its namesake is dead.
    pub async fn release_all(&self, process: &str) -> Result<u64, StoreError> {
        let nobody: Option<String> = None;
        let done = session::Entity::update_many()
            .col_expr(session::Column::LeaseOwner, Expr::value(nobody))
            .filter(session::Column::LeaseOwner.starts_with(format!("{process}/")))
            .exec(&self.connection)
            .await?;
        Ok(done.rows_affected)
    }

    /// Writes what a step changed, unless the session is no longer `before` or
    /// the lease is lost: then false, and nothing is written.
    pub async fn update_session(
        &self,
        before: Status,
        after: &Session,
        schedule: &Schedule<'_>,
    ) -> Result<bool, StoreError> {
        update(&self.connection, before, after, schedule).await
    }

    /// The same, together with the count that it rests on, in one transaction.
    pub async fn update_counted(
        &self,
        before: Status,
        after: &Session,
        count: &Count,
        schedule: &Schedule<'_>,
    ) -> Result<bool, StoreError> {
        demeter_db::retry(|| async {
            let tx = demeter_db::begin(&self.connection).await?;
            if !update(&tx, before, after, schedule).await? {
                return Ok(false);
            }
            result::Entity::delete_by_id(after.id.0).exec(&tx).await?;
            result::Entity::insert(results::row(after.id, count, schedule.now)?)
                .exec_without_returning(&tx)
                .await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// How many sessions have each status, for metrics.
    pub async fn count_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let mut counts = Vec::with_capacity(Status::ALL.len());
        let found: Vec<(String, i64)> = session::Entity::find()
            .select_only()
            .column(session::Column::Status)
            .column_as(session::Column::SessionId.count(), "sessions")
            .group_by(session::Column::Status)
            .into_tuple()
            .all(&self.connection)
            .await?;
        for status in Status::ALL {
            let counted = found.iter().find(|(name, _)| name == status.name());
            let count = counted.and_then(|(_, count)| u64::try_from(*count).ok());
            counts.push((status, count.unwrap_or(0)));
        }
        Ok(counts)
    }
}

async fn update(
    connection: &impl ConnectionTrait,
    before: Status,
    after: &Session,
    schedule: &Schedule<'_>,
) -> Result<bool, StoreError> {
    let mut row = rows::session_row(after);
    row.session_id = sea_orm::ActiveValue::NotSet;
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
