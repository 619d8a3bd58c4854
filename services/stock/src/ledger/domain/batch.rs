//! Batches: plants of one kind that stand in one bin.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::movement::{Draft, Movement, MovementType};
use crate::catalog::domain::Kind;
use crate::ids::{BatchId, BinId, LocationId, ProductId};

/// Plants of one kind that stand in one bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Key.
    pub id: BatchId,
    /// For example `LOC12-PROD3-20261031-001`.
    pub code: String,
    /// The location of the bin.
    pub location: LocationId,
    /// Where they stand.
    pub bin: BinId,
    /// What they are.
    pub kind: Kind,
    /// Plants of the first movement.
    pub quantity_initial: i64,
    /// The sum of the batch's movements; never below zero.
    pub quantity_current: i64,
    /// Pots that deaths left empty.
    pub quantity_empty_containers: i64,
    /// When they were planted, when known.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When a movement last changed it.
    pub updated_at: DateTime<Utc>,
}

/// What a write did to one batch: the answer to the request and its retries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The batch after it.
    pub batch: Batch,
    /// The line it added.
    pub movement: Movement,
}

/// A batch cannot give more plants than it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the batch holds {have} plants, {wanted} were to be taken")]
pub struct NotEnoughPlants {
    /// Plants that it holds.
    pub have: i64,
    /// Plants that were asked for.
    pub wanted: i64,
}

// === impl Batch ===

impl Batch {
    /// Applies a movement, or leaves the batch as it was.
    ///
    /// The movement carries the batch's balance after it. A death also leaves
    /// its pots empty.
    pub fn apply(&mut self, draft: Draft) -> Result<Movement, NotEnoughPlants> {
        let balance = self
            .quantity_current
            .checked_add(draft.quantity)
            .filter(|balance| *balance >= 0)
            .ok_or(NotEnoughPlants {
                have: self.quantity_current,
                wanted: draft.quantity.saturating_neg(),
            })?;
        self.quantity_current = balance;
        if draft.movement_type == MovementType::Muerte {
            self.quantity_empty_containers += draft.quantity.abs();
        }
        self.updated_at = draft.created_at;
        Ok(self.line(balance, draft))
    }

    /// The draft as a line of this batch, whose balance is `balance` after it.
    fn line(&self, balance: i64, draft: Draft) -> Movement {
        let Draft {
            id,
            movement_type,
            quantity,
            source,
            reason,
            session,
            user,
            effective_at,
            created_at,
        } = draft;
        let inbound = quantity > 0;
        Movement {
            id,
            batch: self.id,
            location: self.location,
            movement_type,
            quantity,
            balance,
            source_bin: (!inbound).then_some(self.bin),
            destination_bin: inbound.then_some(self.bin),
            source,
            reason,
            session,
            user,
            effective_at,
            created_at,
        }
    }
}

/// `LOC12-PROD3-20261031-001`: the sequence starts again for each location,
/// product and day.
pub fn batch_code(
    location: LocationId,
    product: ProductId,
    day: NaiveDate,
    sequence: u32,
) -> String {
    format!("{}{sequence:03}", batch_code_prefix(location, product, day))
}

/// The part of the code before the sequence.
pub fn batch_code_prefix(location: LocationId, product: ProductId, day: NaiveDate) -> String {
    format!("LOC{location}-PROD{product}-{}-", day.format("%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StateId;
    use crate::ledger::domain::movement::tests::a_draft;
    use uuid::Uuid;

    fn a_batch(plants: i64) -> Batch {
        Batch {
            id: BatchId(Uuid::from_u128(1)),
            code: "LOC1-PROD1-20260101-001".into(),
            location: LocationId(1),
            bin: BinId(1),
            kind: Kind {
                product: ProductId(1),
                state: StateId(1),
                size: None,
                packaging: None,
            },
            quantity_initial: plants,
            quantity_current: plants,
            quantity_empty_containers: 0,
            planting_date: None,
            notes: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_batch_code_names_location_product_and_day() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();

        assert_eq!(
            batch_code(LocationId(12), ProductId(3), day, 1),
            "LOC12-PROD3-20261031-001"
        );
        assert_eq!(
            batch_code(LocationId(12), ProductId(3), day, 1000),
            "LOC12-PROD3-20261031-1000"
        );
    }

    #[test]
    fn a_batch_does_not_go_below_zero_and_stays_as_it_was() {
        let mut batch = a_batch(5);

        let refused = batch.apply(a_draft(MovementType::Muerte, -6)).unwrap_err();

        assert_eq!(refused, NotEnoughPlants { have: 5, wanted: 6 });
        assert_eq!(batch, a_batch(5));
    }

    #[test]
    fn a_death_leaves_its_pots_empty() {
        let mut batch = a_batch(5);

        let movement = batch.apply(a_draft(MovementType::Muerte, -2)).unwrap();

        assert_eq!(
            (batch.quantity_current, batch.quantity_empty_containers),
            (3, 2)
        );
        assert_eq!(
            (
                movement.balance,
                movement.source_bin,
                movement.destination_bin
            ),
            (3, Some(batch.bin), None)
        );
    }
}
