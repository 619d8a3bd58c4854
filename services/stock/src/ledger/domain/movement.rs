//! Movements: the only way a quantity changes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{BatchId, BinId, LocationId, MovementId, SessionId};
use crate::invalid::Invalid;

/// Why a quantity changed, in the nursery's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Key.
    pub id: MovementId,
    /// The batch that changed.
    pub batch: BatchId,
    /// The batch's location.
    pub location: LocationId,
    /// Why.
    pub movement_type: MovementType,
    /// Plants added or, below zero, removed; never 0.
    pub quantity: i64,
    /// Plants of the batch after it, in the order of recording.
    pub balance: i64,
    /// Where plants left.
    pub source_bin: Option<BinId>,
    /// Where plants came.
    pub destination_bin: Option<BinId>,
    /// What it rests on.
    pub source: Source,
    /// Free text.
    pub reason: String,
    /// The photo session that caused it.
    pub session: Option<SessionId>,
    /// Who recorded it, or took the photo.
    pub user: String,
    /// When it took effect.
    pub effective_at: DateTime<Utc>,
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
    /// Signed; never 0.
    pub quantity: i64,
    /// What it rests on.
    pub source: Source,
    /// Free text.
    pub reason: String,
    /// The photo session that caused it.
    pub session: Option<SessionId>,
    /// Who.
    pub user: String,
    /// When it took effect.
    pub effective_at: DateTime<Utc>,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// A change that a person may record by itself: a type with a fitting sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    movement_type: MovementType,
    quantity: i64,
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
    /// True when plants were added.
    pub const fn is_inbound(&self) -> bool {
        self.quantity > 0
    }
}

// === impl Change ===

impl Change {
    /// Checks type and sign. `plantar` and `muerte` take a count above zero;
    /// `ajuste` takes a signed difference and its reason.
    pub fn new(movement_type: MovementType, quantity: i64, reason: &str) -> Result<Self, Invalid> {
        let positive = || {
            if quantity > 0 {
                return Ok(quantity);
            }
            let code = movement_type.code();
            Err(Invalid::new(
                "quantity",
                format!("must be above 0 for {code}: it counts plants"),
            ))
        };
        let quantity = match movement_type {
            MovementType::Plantar => positive()?,
            MovementType::Muerte => -positive()?,
            MovementType::Ajuste if quantity == 0 => {
                return Err(Invalid::new("quantity", "must not be 0"));
            }
            MovementType::Ajuste if reason.trim().is_empty() => {
                return Err(Invalid::new("reason_description", "is required for ajuste"));
            }
            MovementType::Ajuste => quantity,
            other => return Err(Invalid::new("movement_type", instead_of(other))),
        };
        Ok(Self {
            movement_type,
            quantity,
            reason: reason.trim().to_owned(),
        })
    }

    /// Why.
    pub const fn movement_type(&self) -> MovementType {
        self.movement_type
    }

    /// As the ledger stores it: below zero for plants that go.
    pub const fn signed_quantity(&self) -> i64 {
        self.quantity
    }

    /// Free text, trimmed.
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
    use uuid::Uuid;

    pub(in crate::ledger::domain) fn a_draft(movement_type: MovementType, quantity: i64) -> Draft {
        Draft {
            id: MovementId(Uuid::from_u128(2)),
            movement_type,
            quantity,
            source: Source::Manual,
            reason: String::new(),
            session: None,
            user: "ana".into(),
            effective_at: DateTime::UNIX_EPOCH,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_death_is_stored_below_zero() {
        let change = Change::new(MovementType::Muerte, 3, "").unwrap();

        assert_eq!(change.signed_quantity(), -3);
    }

    #[test]
    fn only_an_adjustment_takes_a_negative_quantity() {
        for movement_type in [MovementType::Plantar, MovementType::Muerte] {
            assert_eq!(
                Change::new(movement_type, -1, "x").unwrap_err().field,
                "quantity"
            );
        }
        assert_eq!(
            Change::new(MovementType::Ajuste, -1, "x")
                .unwrap()
                .signed_quantity(),
            -1
        );
    }

    #[test]
    fn an_adjustment_says_why() {
        let refused = Change::new(MovementType::Ajuste, 1, "  ").unwrap_err();

        assert_eq!(refused.field, "reason_description");
    }

    #[test]
    fn a_type_with_a_way_of_its_own_is_refused_and_the_way_is_named() {
        let refused = Change::new(MovementType::ManualInit, 1, "").unwrap_err();

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
