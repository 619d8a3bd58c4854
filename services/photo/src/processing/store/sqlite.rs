//! What only SQLite has: one writer, so a guarded UPDATE is enough.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Statement};

use super::Lease;

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
