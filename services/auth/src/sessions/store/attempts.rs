//! Attempts to sign in, and where accounts have signed in.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    Statement,
};
use tracing::instrument;

use crate::database::StoreError;
use crate::database::entity::{known_address, login_attempt};
use crate::sessions::attempt::Counter;

/// Attempts that nobody repeats for this long are forgotten.
const MEMORY: Duration = Duration::minutes(30);

/// Counts an attempt, or not, in one statement: of many at once no more come
/// through than one after the other.
///
/// `$1` counter, `$2` now, `$3` when it is forgotten, `$4` free attempts, `$5` the
/// first wait, `$6` the longest, `$7` doublings between them.
const COUNT: &str = "\
INSERT INTO login_attempts AS kept (counter, attempts, ready_at, forgotten_at)
VALUES ($1, 1, $2, $3)
ON CONFLICT (counter) DO UPDATE SET
    attempts = CASE WHEN kept.forgotten_at <= $2 THEN 1 ELSE kept.attempts + 1 END,
    ready_at = CASE
        WHEN kept.forgotten_at <= $2 OR kept.attempts + 1 < $4 THEN $2
        WHEN kept.attempts + 1 >= $4 + $7 THEN $2 + $6
        ELSE $2 + ($5 << (kept.attempts + 1 - $4))
    END,
    forgotten_at = $3
WHERE kept.ready_at <= $2
RETURNING attempts";

/// Counts an attempt as failed, which it is until its password proves right. False
/// when it comes too soon; then it is not counted.
#[instrument(name = "db.login_attempts.count", skip_all)]
pub async fn count(
    connection: &impl ConnectionTrait,
    counter: &Counter,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Counter { key, pace } = counter;
    let values = [
        key.as_str().into(),
        now.timestamp_millis().into(),
        (now + MEMORY).timestamp_millis().into(),
        pace.free.into(),
        pace.first.num_milliseconds().into(),
        pace.longest.num_milliseconds().into(),
        pace.doublings().into(),
    ];
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, COUNT, values);
    Ok(connection.query_one_raw(statement).await?.is_some())
}

/// How long until the next attempt is counted.
#[instrument(name = "db.login_attempts.wait", skip_all)]
pub async fn wait(
    connection: &impl ConnectionTrait,
    counter: &Counter,
    now: DateTime<Utc>,
) -> Result<Duration, StoreError> {
    let row = login_attempt::Entity::find_by_id(counter.key.clone())
        .one(connection)
        .await?;
    let ready_at = row.map_or(0, |row| row.ready_at);
    let wait = Duration::milliseconds(ready_at - now.timestamp_millis());
    Ok(wait.max(Duration::zero()))
}

/// Forgets all attempts of a counter.
#[instrument(name = "db.login_attempts.clear", skip_all)]
pub async fn clear(connection: &impl ConnectionTrait, counter: &Counter) -> Result<(), StoreError> {
    login_attempt::Entity::delete_by_id(counter.key.clone())
        .exec(connection)
        .await?;
    Ok(())
}

/// Takes one attempt back, which did not fail.
#[instrument(name = "db.login_attempts.take_back", skip_all)]
pub async fn take_back(
    connection: &impl ConnectionTrait,
    counter: &Counter,
) -> Result<(), StoreError> {
    let attempts = login_attempt::Column::Attempts;
    login_attempt::Entity::update_many()
        .col_expr(attempts, Expr::col(attempts).sub(1))
        .filter(login_attempt::Column::Counter.eq(counter.key.as_str()))
        .filter(attempts.gt(0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Whether this account has signed in from this address.
#[instrument(name = "db.known_addresses.find", skip_all)]
pub async fn is_known(
    connection: &impl ConnectionTrait,
    pair: Option<&str>,
) -> Result<bool, StoreError> {
    let Some(pair) = pair else {
        return Ok(false);
    };
    let row = known_address::Entity::find_by_id(pair.to_owned());
    Ok(row.one(connection).await?.is_some())
}

/// Remembers where an account has signed in.
#[instrument(name = "db.known_addresses.remember", skip_all)]
pub async fn remember(
    connection: &impl ConnectionTrait,
    pair: String,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = known_address::ActiveModel {
        pair: Set(pair),
        last_login_at: Set(now),
    };
    let again = OnConflict::column(known_address::Column::Pair)
        .update_column(known_address::Column::LastLoginAt)
        .to_owned();
    known_address::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Forgets attempts whose time has passed, and addresses where nobody signed in
/// since a moment. Returns how many rows went.
#[instrument(name = "db.login_attempts.purge", skip_all)]
pub async fn purge(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    unused_since: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let attempts = login_attempt::Entity::delete_many()
        .filter(login_attempt::Column::ForgottenAt.lt(now.timestamp_millis()))
        .exec(connection)
        .await?;
    let addresses = known_address::Entity::delete_many()
        .filter(known_address::Column::LastLoginAt.lt(unused_since))
        .exec(connection)
        .await?;
    Ok(attempts.rows_affected + addresses.rows_affected)
}
