//! What only PostgreSQL has: many workers that skip each other's rows, and
//! arrays that become rows.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::ports::{Detection, SessionId};
use crate::processing::domain::Lease;

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

/// One statement with seven values, however many plants there are.
pub(super) async fn insert_detections(
    tx: &impl ConnectionTrait,
    run: SessionId,
    detections: &[Detection],
) -> Result<(), DbErr> {
    let numbers = |of: fn(&Detection) -> f32| detections.iter().map(of).collect::<Vec<_>>();
    let labels: Vec<_> = detections.iter().map(|plant| plant.label.clone()).collect();
    let insert = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO detections (run_id, ordinal, x_min, y_min, x_max, y_max, confidence, label) \
         SELECT $1, plant.number - 1, x_min, y_min, x_max, y_max, confidence, label \
         FROM UNNEST($2::real[], $3::real[], $4::real[], $5::real[], $6::real[], $7::text[]) \
             WITH ORDINALITY \
             AS plant (x_min, y_min, x_max, y_max, confidence, label, number)",
        [
            run.0.into(),
            numbers(|plant| plant.rect.x_min).into(),
            numbers(|plant| plant.rect.y_min).into(),
            numbers(|plant| plant.rect.x_max).into(),
            numbers(|plant| plant.rect.y_max).into(),
            numbers(|plant| plant.confidence).into(),
            labels.into(),
        ],
    );
    tx.execute_raw(insert).await?;
    Ok(())
}
