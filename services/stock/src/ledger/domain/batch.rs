//! Batches: plants of one kind that stand in one bin.

use chrono::{DateTime, NaiveDate, Utc};

use super::movement::{Draft, Movement};
use super::quantity::{Change, Quantity};
use crate::catalog::domain::Kind;
use crate::ids::{BatchId, BinId, LocationId, ProductId};

/// Plants of one kind that stand in one bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    origin: Origin,
    /// Changes by [`Batch::apply`] only.
    holding: Holding,
}

/// What a batch is from its first day on: none of it ever changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Tells it from every other batch; rises with time.
    pub id: BatchId,
    /// For example `LOC12-PROD3-20261031-001`.
    pub code: String,
    /// The location of the bin.
    pub location: LocationId,
    /// Where the plants stand.
    pub bin: BinId,
    /// What they are.
    pub kind: Kind,
    /// Plants of the first movement.
    pub quantity_initial: Quantity,
    /// When they were planted, when known.
    pub planting_date: Option<NaiveDate>,
    /// Free text.
    pub notes: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// What a batch holds at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Plants: the sum of the batch's movements.
    pub current: Quantity,
    /// Pots that deaths left empty.
    pub empty_containers: Quantity,
    /// When a movement last changed it.
    pub updated_at: DateTime<Utc>,
}

/// What a write did to one batch: the answer to the request and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The batch after it.
    pub batch: Batch,
    /// The line that was asked for.
    pub movement: Movement,
    /// The other lines that it made necessary, in the order of recording: what
    /// later counts turn out to have known, and what did not stand there.
    pub consequences: Vec<Movement>,
}

/// A batch's empty pots after a movement.
struct Pots {
    after: Quantity,
    change: i64,
}

/// A batch cannot give more plants than it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the batch holds {have} plants, {wanted} were to be taken")]
pub struct NotEnoughPlants {
    /// Plants that it holds.
    pub have: Quantity,
    /// Plants that were asked for.
    pub wanted: Quantity,
}

// === impl Batch ===

impl Batch {
    /// A batch that holds nothing yet: its first movement brings the plants.
    pub fn new(origin: Origin) -> Self {
        let holding = Holding {
            current: Quantity::ZERO,
            empty_containers: Quantity::ZERO,
            updated_at: origin.created_at,
        };
        Self { origin, holding }
    }

    /// A batch as it was stored.
    pub const fn stored(origin: Origin, holding: Holding) -> Self {
        Self { origin, holding }
    }

    /// What it is.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it holds now.
    pub const fn holding(&self) -> &Holding {
        &self.holding
    }

    /// What it is, and what it holds now.
    pub fn into_parts(self) -> (Origin, Holding) {
        (self.origin, self.holding)
    }

    /// Applies a movement, or leaves the batch as it was.
    ///
    /// The movement carries the batch's balance after it.
    pub fn apply(&mut self, draft: Draft) -> Result<Movement, NotEnoughPlants> {
        let balance = self.balance_after(draft.change)?;
        let pots = self.pots_that_change(draft.pots);
        self.holding.current = balance;
        self.holding.empty_containers = pots.after;
        self.holding.updated_at = draft.created_at;
        let draft = Draft {
            pots: pots.change,
            ..draft
        };
        Ok(self.line(balance, draft))
    }

    /// Plants that would be left after a change.
    pub fn balance_after(&self, change: Change) -> Result<Quantity, NotEnoughPlants> {
        let have = self.holding.current;
        let wanted = change.plants();
        have.after(change).ok_or(NotEnoughPlants { have, wanted })
    }

    /// What becomes of the empty pots when so many are left, or, below zero, filled:
    /// no more are filled than there are.
    fn pots_that_change(&self, pots: i64) -> Pots {
        let before = self.holding.empty_containers.get();
        let after = Quantity::new(before.saturating_add(pots)).unwrap_or_default();
        Pots {
            after,
            change: after.get() - before,
        }
    }

    /// This batch as it was when it held `empty_containers` empty pots and
    /// `movement` was its last line.
    #[must_use]
    pub fn after(self, movement: &Movement, empty_containers: Quantity) -> Self {
        let holding = Holding {
            current: movement.balance,
            empty_containers,
            updated_at: movement.created_at,
        };
        Self { holding, ..self }
    }

    /// The draft as a line of this batch, whose balance is `balance` after it.
    fn line(&self, balance: Quantity, draft: Draft) -> Movement {
        let Draft {
            id,
            movement_type,
            change,
            source,
            reason,
            fact,
            late_fact,
            allocated,
            pots,
            trades_pots,
            ties,
            user,
            effective,
            created_at,
        } = draft;
        let bin = Some(self.origin.bin);
        Movement {
            id,
            batch: self.origin.id,
            location: self.origin.location,
            movement_type,
            change,
            balance,
            source_bin: bin.filter(|_| !change.is_inbound()),
            destination_bin: bin.filter(|_| change.is_inbound()),
            source,
            reason,
            fact,
            late_fact,
            allocated,
            pots,
            trades_pots,
            ties,
            user,
            effective,
            created_at,
        }
    }
}

/// The part of a batch's code before its number, `LOC12-PROD3-20261031-`: the
/// numbers start again for each location, product and day.
pub fn batch_code_prefix(location: LocationId, product: ProductId, day: NaiveDate) -> String {
    format!("LOC{location}-PROD{product}-{}-", day.format("%Y%m%d"))
}

// === impl Effect ===

impl Effect {
    /// Plants of a loss that did not stand there, so that it did not take them.
    pub fn missing(&self) -> Quantity {
        let movement = &self.movement;
        if movement.change.is_inbound() {
            return Quantity::ZERO;
        }
        let consequences = self.consequences.iter();
        let own = consequences.filter(|line| line.fact == movement.fact);
        Quantity::new(own.map(|line| line.change.get()).sum()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StateId;
    use crate::ledger::domain::movement::MovementType;
    use crate::ledger::domain::movement::tests::a_draft;
    use uuid::Uuid;

    fn plants(plants: i64) -> Quantity {
        Quantity::new(plants).unwrap()
    }

    fn a_batch(quantity: i64) -> Batch {
        let origin = Origin {
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
            quantity_initial: plants(quantity),
            planting_date: None,
            notes: String::new(),
            created_at: DateTime::UNIX_EPOCH,
        };
        let holding = Holding {
            current: plants(quantity),
            empty_containers: Quantity::ZERO,
            updated_at: DateTime::UNIX_EPOCH,
        };
        Batch::stored(origin, holding)
    }

    #[test]
    fn a_batch_code_names_location_product_and_day() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();

        assert_eq!(
            batch_code_prefix(LocationId(12), ProductId(3), day),
            "LOC12-PROD3-20261031-"
        );
    }

    #[test]
    fn a_batch_does_not_go_below_zero_and_stays_as_it_was() {
        let mut batch = a_batch(5);

        let refused = batch.apply(a_draft(MovementType::Muerte, -6)).unwrap_err();

        let (have, wanted) = (plants(5), plants(6));
        assert_eq!(refused, NotEnoughPlants { have, wanted });
        assert_eq!(batch, a_batch(5));
    }

    #[test]
    fn a_movement_carries_the_balance_after_it_and_where_plants_left() {
        let mut batch = a_batch(5);

        let movement = batch.apply(a_draft(MovementType::Muerte, -2)).unwrap();

        assert_eq!(movement.balance, plants(3));
        assert_eq!(batch.holding().current, plants(3));
        assert_eq!(
            (movement.source_bin, movement.destination_bin),
            (Some(BinId(1)), None)
        );
    }

    #[test]
    fn empty_pots_come_and_go_and_a_movement_says_how_many() {
        let mut batch = a_batch(5);
        let mut change = |pots| {
            let draft = Draft {
                pots,
                ..a_draft(MovementType::Ajuste, 1)
            };
            let movement = batch.apply(draft).unwrap();
            (movement.pots, batch.holding().empty_containers)
        };

        assert_eq!(change(3), (3, plants(3)));
        assert_eq!(change(-1), (-1, plants(2)));
        assert_eq!(change(-9), (-2, Quantity::ZERO));
    }

    #[test]
    fn a_batch_can_be_told_as_it_was_after_any_of_its_movements() {
        let mut batch = a_batch(5);
        let first = batch.apply(a_draft(MovementType::Muerte, -2)).unwrap();
        let then = batch.clone();

        batch.apply(a_draft(MovementType::Muerte, -1)).unwrap();

        assert_eq!(batch.after(&first, Quantity::ZERO), then);
    }
}
