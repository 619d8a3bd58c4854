//! What only SQLite has: one writer, so a guarded UPDATE is enough, and many
//! rows in one INSERT.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait as _, Statement};

use super::rows;
use crate::database::entity::detection;
use crate::ports::{Detection, SessionId};
use crate::processing::domain::Lease;

/// Rows of one INSERT: SQLite takes 32,766 values at most, and a row has eight.
const ROWS: usize = 1_000;

/// The same as PostgreSQL's, without row locks.
pub(super) fn claim(lease: &Lease, now: DateTime<Utc>) -> Statement {
    Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "UPDATE sessions SET lease_owner = ?, lease_expires_at = ? \
         WHERE session_id = ( \
             SELECT session_id FROM sessions \
             WHERE status IN ('received', 'located', 'analysing', 'counted') \
               AND next_attempt_at <= ? \
               AND (lease_owner IS NULL OR lease_expires_at <= ?) \
             ORDER BY next_attempt_at LIMIT 1) \
         RETURNING session_id",
        [
            lease.owner.clone().into(),
            lease.until.into(),
            now.into(),
            now.into(),
        ],
    )
}

/// A thousand plants at a time.
pub(super) async fn insert_detections(
    tx: &impl ConnectionTrait,
    run: SessionId,
    detections: &[Detection],
) -> Result<(), DbErr> {
    let mut ordinals = 0..;
    for some in detections.chunks(ROWS) {
        // The plants first: a zip takes one too many from its first side.
        let rows = some.iter().zip(ordinals.by_ref());
        let rows = rows.map(|(plant, ordinal)| rows::detection_row(run, ordinal, plant));
        detection::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
