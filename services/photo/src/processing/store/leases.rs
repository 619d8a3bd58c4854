//! Who works on which session, and until when.

use chrono::{DateTime, Utc};
use demeter_db::Engine;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{postgres, sqlite};
use crate::database::entity::session;
use crate::database::{Store, StoreError};
use crate::ports::SessionId;
use crate::processing::domain::Lease;

/// Takes the session that has waited longest, if one can be worked on and
/// nobody does. Two workers never take the same one.
pub async fn claim(
    store: &Store,
    lease: &Lease,
    now: DateTime<Utc>,
) -> Result<Option<SessionId>, StoreError> {
    let statement = match store.engine() {
        Engine::Sqlite => sqlite::claim(lease, now),
        Engine::Postgres => postgres::claim(lease, now),
    };
    let claim = store.connection().query_one_raw(statement);
    let Some(row) = store.durably("the lease", claim).await? else {
        return Ok(None);
    };
    let id: Uuid = row.try_get("", "session_id")?;
    Ok(Some(SessionId(id)))
}

/// Keeps a lease alive; false when someone else took over.
pub async fn extend(store: &Store, id: SessionId, lease: &Lease) -> Result<bool, StoreError> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::LeaseExpiresAt, Expr::value(lease.until))
        .filter(session::Column::SessionId.eq(id.0))
        .filter(session::Column::LeaseOwner.eq(lease.owner.as_str()))
        .exec(store.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a lease back, so that another worker goes on at once.
pub async fn release(store: &Store, id: SessionId, owner: &str) -> Result<(), StoreError> {
    let nobody: Option<String> = None;
    session::Entity::update_many()
        .col_expr(session::Column::LeaseOwner, Expr::value(nobody))
        .filter(session::Column::SessionId.eq(id.0))
        .filter(session::Column::LeaseOwner.eq(owner))
        .exec(store.connection())
        .await?;
    Ok(())
}

/// Gives back what an earlier life of this process held: the number of leases.
/// Only for a process that knows that its namesake is dead.
pub async fn release_all(store: &Store, process: &str) -> Result<u64, StoreError> {
    let nobody: Option<String> = None;
    let done = session::Entity::update_many()
        .col_expr(session::Column::LeaseOwner, Expr::value(nobody))
        .filter(session::Column::LeaseOwner.starts_with(format!("{process}/")))
        .exec(store.connection())
        .await?;
    Ok(done.rows_affected)
}
