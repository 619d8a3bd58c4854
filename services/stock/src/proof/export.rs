//! The ledger as a file that a stranger can check: `docs/verify_ledger.py` does.

use std::io::Write;

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::database::{ROWS_AT_ONCE, StoreError};
use crate::ledger::store::entity::{batch, hand_count, movement, photo_count};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Lines, the first and the last included.
    pub lines: u64,
    /// The hash of the last one, in hexadecimal digits: who has it can tell whether the
    /// file is still the one that was written.
    pub head: String,
}

/// Why nothing more was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("cannot write the file")]
    File(#[from] std::io::Error),
}

/// Lines, each with the hash of itself and the hash before.
struct Chain<W> {
    out: W,
    head: String,
    lines: u64,
}

/// Writes every batch, count and movement, one JSON object a line, in the order of their
/// keys, so movements in the order of recording. Run it in one transaction to write one
/// state of the ledger.
pub async fn export(
    connection: &impl ConnectionTrait,
    out: impl Write + Send,
) -> Result<Exported, Error> {
    let mut chain = Chain {
        out,
        head: String::new(),
        lines: 0,
    };
    chain.add(&json!({"line": "demeter ledger", "version": 1}))?;
    all::<batch::Entity, _>(connection, batch::Column::BatchId, &mut chain, a_batch).await?;
    let key = photo_count::Column::ProcessingSessionId;
    all::<photo_count::Entity, _>(connection, key, &mut chain, a_photo_count).await?;
    let key = hand_count::Column::HandCountId;
    all::<hand_count::Entity, _>(connection, key, &mut chain, a_hand_count).await?;
    let key = movement::Column::MovementId;
    all::<movement::Entity, _>(connection, key, &mut chain, a_movement).await?;
    chain.add(&json!({"line": "end", "lines": chain.lines + 1}))?;
    chain.out.flush()?;
    Ok(Exported {
        lines: chain.lines,
        head: chain.head,
    })
}

/// Adds every row of a table, in the order of its key.
async fn all<E: EntityTrait, W: Write>(
    connection: &impl ConnectionTrait,
    key: E::Column,
    chain: &mut Chain<W>,
    told: fn(&E::Model) -> (Uuid, Value),
) -> Result<(), Error> {
    let mut after = Uuid::nil();
    loop {
        let rows = E::find()
            .filter(key.gt(after))
            .order_by_asc(key)
            .limit(page())
            .all(connection)
            .await
            .map_err(StoreError::from)?;
        for row in &rows {
            let (id, line) = told(row);
            chain.add(&line)?;
            after = id;
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

fn a_batch(row: &batch::Model) -> (Uuid, Value) {
    let line = json!({
        "line": "batch", "id": row.batch_id, "code": row.batch_code,
        "location": row.storage_location_id, "product": row.product_id, "state": row.product_state_id,
        "size": row.product_size_id, "packaging": row.packaging_id, "initial": row.quantity_initial,
        "plants": row.quantity_current, "empty_pots": row.quantity_empty_containers,
    });
    (row.batch_id, line)
}

fn a_photo_count(row: &photo_count::Model) -> (Uuid, Value) {
    let line = json!({
        "line": "photo count", "id": row.processing_session_id, "location": row.storage_location_id,
        "plants": row.quantity, "at": instant(row.observed_at), "superseded": row.superseded,
        "recorded": instant(row.created_at),
    });
    (row.processing_session_id, line)
}

fn a_hand_count(row: &hand_count::Model) -> (Uuid, Value) {
    let line = json!({
        "line": "hand count", "id": row.hand_count_id, "location": row.storage_location_id,
        "product": row.product_id, "packaging": row.packaging_id, "covers": row.covers,
        "plants": row.quantity, "at": instant(row.observed_at),
        "superseded": row.superseded, "recorded": instant(row.created_at),
    });
    (row.hand_count_id, line)
}

fn a_movement(row: &movement::Model) -> (Uuid, Value) {
    let line = json!({
        "line": "movement", "id": row.movement_id, "batch": row.batch_id, "location": row.storage_location_id,
        "type": row.movement_type, "plants": row.quantity, "balance": row.balance,
        "empty_pots": row.empty_containers, "at": instant(row.effective_at),
        "recorded": instant(row.created_at), "by": row.user_id, "reason": row.reason_description,
        "photo": row.processing_session_id, "hand": row.hand_count_id,
        "corrects": row.corrected_movement_id, "late_fact": row.late_fact_id, "allocated": row.allocated,
        "transfer": row.transfer_id, "month": row.month_act_id, "reverses": row.reverses_movement_id,
        "unit_price": row.unit_price_minor_units, "total_price": row.total_price_minor_units,
        "currency": row.price_currency,
    });
    (row.movement_id, line)
}

/// With all six digits, so that text sorts like time.
fn instant(at: DateTimeUtc) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn page() -> u64 {
    u64::try_from(ROWS_AT_ONCE).unwrap_or(u64::MAX)
}

// === impl Chain ===

impl<W: Write> Chain<W> {
    /// Adds a line: its own text, and as `hash` that of the hash before and this text.
    fn add(&mut self, line: &Value) -> Result<(), std::io::Error> {
        let text = line.to_string();
        let mut digest = Sha256::new();
        digest.update(self.head.as_bytes());
        digest.update(text.as_bytes());
        self.head = hex::encode(digest.finalize());
        self.lines += 1;
        writeln!(self.out, "{} {text}", self.head)
    }
}
