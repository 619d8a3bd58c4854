//! Failed attempts to sign in, by the hash of the address.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use tracing::instrument;
use uuid::Uuid;

use crate::database::StoreError;
use crate::database::entity::login_failure;

/// How often signing in with this address failed since a moment.
#[instrument(name = "db.login_failures.count", skip_all)]
pub async fn count(
    connection: &impl ConnectionTrait,
    email_hash: &str,
    since: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let failures = login_failure::Entity::find()
        .filter(login_failure::Column::EmailHash.eq(email_hash))
        .filter(login_failure::Column::FailedAt.gt(since))
        .count(connection)
        .await?;
    Ok(failures)
}

/// Records an attempt, which counts as failed until it is cleared.
#[instrument(name = "db.login_failures.insert", skip_all)]
pub async fn insert(
    connection: &impl ConnectionTrait,
    id: Uuid,
    email_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = login_failure::ActiveModel {
        failure_id: Set(id),
        email_hash: Set(email_hash.to_owned()),
        failed_at: Set(now),
    };
    login_failure::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Forgets the failures of an address.
#[instrument(name = "db.login_failures.clear", skip_all)]
pub async fn clear(connection: &impl ConnectionTrait, email_hash: &str) -> Result<(), StoreError> {
    login_failure::Entity::delete_many()
        .filter(login_failure::Column::EmailHash.eq(email_hash))
        .exec(connection)
        .await?;
    Ok(())
}

/// Forgets failures from before this moment.
#[instrument(name = "db.login_failures.purge", skip_all)]
pub async fn purge(
    connection: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let purged = login_failure::Entity::delete_many()
        .filter(login_failure::Column::FailedAt.lt(before))
        .exec(connection)
        .await?;
    Ok(purged.rows_affected)
}
