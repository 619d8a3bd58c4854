//! What only PostgreSQL has: many workers that skip each other's rows.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Statement};

use super::Lease;

/// Workers that claim at the same time each get a row of their own.
pub(super) fn claim(lease: &Lease, now: DateTime<Utc>) -> Statement {
    Statement::from_sql_and_values(
        DbBackend::Postgres,
        "UPDATE sessions SET lease_owner = $1, lease_expires_at = $2 \
         WHERE session_id = ( \
             SELECT session_id FROM sessions \
             WHERE status IN ('received', 'located', 'analysing', 'counted') \
               AND next_attempt_at <= $3 \
               AND (lease_owner IS NULL OR lease_expires_at <= $3) \
             ORDER BY next_attempt_at LIMIT 1 \
             FOR UPDATE SKIP LOCKED) \
         RETURNING session_id",
        [lease.owner.clone().into(), lease.until.into(), now.into()],
    )
}
