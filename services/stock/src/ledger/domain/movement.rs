//! Movements: the only way a quantity changes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::fact::{Effective, FactId};
use super::quantity::{Change, Quantity};
use crate::ids::{BatchId, BinId, LocationId, MovementId};
use crate::invalid::Invalid;

/// Why a quantity changed, in the nursery's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovementType {
    /// Planting.
    Plantar,
    /// Sowing.
    Sembrar,
    /// One half of a move to another place.
    Transplante,
    /// Death.
    Muerte,
    /// Sale.
    Ventas,
    /// Counted in a photo.
    Foto,
    /// Correction.
    Ajuste,
    /// Counted by hand.
    ManualInit,
}

/// What a movement rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person.
    Manual,
    /// A model.
    Ia,
    /// The system's arithmetic.
    Calculated,
}

/// One line of the ledger.
#[expect(clippy::struct_field_names, reason = "`type` alone is a keyword")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Key.
    pub id: MovementId,
    /// The batch that changed.
    pub batch: BatchId,
    /// The batch's location.
    pub location: LocationId,
    /// Why.
    pub movement_type: MovementType,
    /// Plants that came or went.
    pub change: Change,
    /// Plants of the batch after it, in the order of recording.
    pub balance: Quantity,
    /// Where plants left.
    pub source_bin: Option<BinId>,
    /// Where plants came.
    pub destination_bin: Option<BinId>,
    /// What it rests on.
    pub source: Source,
    /// Free text.
    pub reason: String,
    /// The fact whose effect it states. A movement that somebody entered is its own.
    pub fact: FactId,
    /// The fact that arrived when others of later instants were known, and made this
    /// line necessary: the key alone.
    pub late_fact: Option<Uuid>,
    /// Counted plants that are a share of a count, in proportion to what stood there.
    pub allocated: bool,
    /// Who recorded it, or took the photo.
    pub user: String,
    /// When it took effect.
    pub effective: Effective,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

/// A movement that has not met its batch yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its key.
    pub id: MovementId,
    /// Why.
    pub movement_type: MovementType,
    /// Plants that come or go.
    pub change: Change,
    /// What it rests on.
    pub source: Source,
    /// Free text.
    pub reason: String,
    /// See [`Movement::fact`].
    pub fact: FactId,
    /// See [`Movement::late_fact`].
    pub late_fact: Option<Uuid>,
    /// See [`Movement::allocated`].
    pub allocated: bool,
    /// Who.
    pub user: String,
    /// When it took effect.
    pub effective: Effective,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// What a person may enter in the ledger: a type, and plants with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    movement_type: MovementType,
    change: Change,
    reason: String,
}

// === impl MovementType ===

impl MovementType {
    /// As the ledger and the JSON spell it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plantar => "plantar",
            Self::Sembrar => "sembrar",
            Self::Transplante => "transplante",
            Self::Muerte => "muerte",
            Self::Ventas => "ventas",
            Self::Foto => "foto",
            Self::Ajuste => "ajuste",
            Self::ManualInit => "manual_init",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "plantar" => Self::Plantar,
            "sembrar" => Self::Sembrar,
            "transplante" => Self::Transplante,
            "muerte" => Self::Muerte,
            "ventas" => Self::Ventas,
            "foto" => Self::Foto,
            "ajuste" => Self::Ajuste,
            "manual_init" => Self::ManualInit,
            _ => return None,
        })
    }
}

// === impl Source ===

impl Source {
    /// As the ledger spells it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Ia => "ia",
            Self::Calculated => "calculated",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "manual" => Self::Manual,
            "ia" => Self::Ia,
            "calculated" => Self::Calculated,
            _ => return None,
        })
    }
}

// === impl Movement ===

impl Movement {
    /// Whether somebody entered it; else it states what a fact did.
    pub fn is_entered(&self) -> bool {
        self.fact == FactId::Entry(self.id)
    }
}

// === impl Entry ===

impl Entry {
    /// An entry that a person makes by itself; checks type and sign. `plantar`
    /// and `muerte` take a count above zero; `ajuste` takes a signed difference
    /// and its reason.
    pub fn new(movement_type: MovementType, quantity: i64, reason: &str) -> Result<Self, Invalid> {
        let counted = || {
            Change::coming(quantity).ok_or_else(|| {
                let code = movement_type.code();
                let problem = format!("must be above 0 for {code}: it counts plants");
                Invalid::new("quantity", problem)
            })
        };
        let reason = reason.trim();
        let change = match movement_type {
            MovementType::Plantar => counted()?,
            MovementType::Muerte => counted()?.reversed(),
            MovementType::Ajuste => {
                let change = Change::new(quantity)
                    .ok_or_else(|| Invalid::new("quantity", "must not be 0"))?;
                if reason.is_empty() {
                    return Err(Invalid::new("reason_description", "is required for ajuste"));
                }
                change
            }
            other => return Err(Invalid::new("movement_type", instead_of(other))),
        };
        Ok(Self {
            movement_type,
            change,
            reason: reason.to_owned(),
        })
    }

    /// The first plants of a new batch.
    pub fn planting(plants: Change) -> Self {
        Self {
            movement_type: MovementType::Plantar,
            change: plants,
            reason: "new batch".to_owned(),
        }
    }

    /// Why.
    pub const fn movement_type(&self) -> MovementType {
        self.movement_type
    }

    /// Plants that come or go.
    pub const fn change(&self) -> Change {
        self.change
    }

    /// Free text.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// What to use for a type that cannot be recorded by itself.
fn instead_of(movement_type: MovementType) -> String {
    let instead = match movement_type {
        MovementType::Foto => "is recorded by counting a photo: upload one",
        MovementType::ManualInit => "is recorded by POST /api/v1/stock/manual",
        MovementType::Transplante => {
            "has two halves and cannot be recorded by itself: record ajuste in both batches"
        }
        MovementType::Ventas => {
            "is worked out at the month's end: record ajuste to correct a quantity"
        }
        MovementType::Sembrar => {
            "is not taken yet: POST /api/v1/stock/batches begins a batch, with plantar"
        }
        MovementType::Plantar | MovementType::Muerte | MovementType::Ajuste => "is fine",
    };
    format!(
        "{} {instead}; here only plantar, muerte and ajuste are taken",
        movement_type.code()
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ledger::domain::fact::TimeSource;

    pub(in crate::ledger::domain) fn a_draft(movement_type: MovementType, change: i64) -> Draft {
        Draft {
            id: MovementId(Uuid::from_u128(2)),
            movement_type,
            change: Change::new(change).unwrap(),
            source: Source::Manual,
            reason: String::new(),
            fact: FactId::Entry(MovementId(Uuid::from_u128(2))),
            late_fact: None,
            allocated: false,
            user: "ana".into(),
            effective: Effective {
                at: DateTime::UNIX_EPOCH,
                source: TimeSource::Recorded,
            },
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_death_is_stored_below_zero() {
        let entry = Entry::new(MovementType::Muerte, 3, "").unwrap();

        assert_eq!(entry.change.get(), -3);
    }

    #[test]
    fn only_an_adjustment_takes_a_negative_quantity() {
        for movement_type in [MovementType::Plantar, MovementType::Muerte] {
            assert_eq!(
                Entry::new(movement_type, -1, "x").unwrap_err().field,
                "quantity"
            );
        }
        assert_eq!(
            Entry::new(MovementType::Ajuste, -1, "x")
                .unwrap()
                .change
                .get(),
            -1
        );
    }

    #[test]
    fn an_adjustment_says_why() {
        let refused = Entry::new(MovementType::Ajuste, 1, "  ").unwrap_err();

        assert_eq!(refused.field, "reason_description");
    }

    #[test]
    fn a_type_with_a_way_of_its_own_is_refused_and_the_way_is_named() {
        let refused = Entry::new(MovementType::ManualInit, 1, "").unwrap_err();

        assert_eq!(refused.field, "movement_type");
        assert!(
            refused.problem.contains("/api/v1/stock/manual"),
            "{}",
            refused.problem
        );
    }

    #[test]
    fn every_code_reads_back() {
        for code in [
            "plantar",
            "sembrar",
            "transplante",
            "muerte",
            "ventas",
            "foto",
            "ajuste",
            "manual_init",
        ] {
            assert_eq!(MovementType::from_code(code).unwrap().code(), code);
        }
    }
}
