//! Movements: the only way a quantity changes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::fact::{Effective, FactId};
use super::quantity::{Change, Quantity};
use crate::catalog::domain::Money;
use crate::ids::{BatchId, BinId, LocationId, MovementId, TransferId};
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
    /// Pots that became empty, or, below zero, were filled again: by this line and those
    /// that were recorded with it.
    pub pots: i64,
    /// Whether plants that go leave their pots empty, and plants that come fill some.
    pub trades_pots: bool,
    /// What ties it to others, and to money.
    pub ties: Ties,
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
    /// See [`Movement::pots`]. A batch gives no more pots than it has.
    pub pots: i64,
    /// See [`Movement::trades_pots`].
    pub trades_pots: bool,
    /// See [`Movement::ties`].
    pub ties: Ties,
    /// Who.
    pub user: String,
    /// When it took effect.
    pub effective: Effective,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// What ties a movement that somebody entered to others, and to money. Lines that the
/// ledger works out have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// Shared by the halves of a transplant.
    pub transfer: Option<TransferId>,
    /// The movement that it takes back.
    pub reverses: Option<MovementId>,
    /// What its plants were sold for.
    pub sale: Option<Sale>,
}

/// What plants were sold for. It stays as it is when prices change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// One plant.
    pub unit: Money,
    /// All of them, in the same currency's smallest unit; below zero when it is taken back.
    pub total_minor: i64,
}

/// What a person may enter in the ledger: a type, and plants with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    movement_type: MovementType,
    change: Change,
    reason: String,
    transfer: Option<TransferId>,
    reverses: Option<MovementId>,
    unit_price: Option<Money>,
    trades_pots: bool,
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

// === impl Sale ===

impl Sale {
    /// So many plants that leave at a price each. Refused where the total is no number.
    fn of(unit: Money, sold: Change) -> Result<Self, Invalid> {
        let total = unit.minor.checked_mul(sold.reversed().get());
        let total_minor =
            total.ok_or_else(|| Invalid::new("unit_price", "is too high for so many plants"))?;
        Ok(Self { unit, total_minor })
    }
}

// === impl Entry ===

impl Entry {
    /// An entry that a person makes by itself; checks type and sign. `plantar`,
    /// `sembrar`, `muerte` and `ventas` take a count above zero; `ajuste` takes a
    /// signed difference and its reason.
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
            MovementType::Plantar | MovementType::Sembrar => counted()?,
            MovementType::Muerte | MovementType::Ventas => counted()?.reversed(),
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
            trades_pots: movement_type == MovementType::Muerte,
            ..Self::bare(movement_type, change, reason)
        })
    }

    /// The first plants of a new batch.
    pub fn planting(plants: Change) -> Self {
        Self::bare(MovementType::Plantar, plants, "new batch")
    }

    /// One half of a transplant: plants that leave a batch, or come to one.
    pub fn half(transfer: TransferId, change: Change, reason: &str) -> Self {
        Self {
            transfer: Some(transfer),
            ..Self::bare(MovementType::Transplante, change, reason.trim())
        }
    }

    /// The opposite of a movement that somebody entered, as if it had never been.
    /// `transfer` is shared by the opposites of a transplant's halves.
    pub fn reversal(of: &Movement, transfer: Option<TransferId>, reason: &str) -> Self {
        Self {
            transfer,
            reverses: Some(of.id),
            unit_price: of.ties.sale.as_ref().map(|sale| sale.unit.clone()),
            trades_pots: of.trades_pots,
            ..Self::bare(of.movement_type, of.change.reversed(), reason.trim())
        }
    }

    fn bare(movement_type: MovementType, change: Change, reason: &str) -> Self {
        Self {
            movement_type,
            change,
            reason: reason.to_owned(),
            transfer: None,
            reverses: None,
            unit_price: None,
            trades_pots: false,
        }
    }

    /// The same entry of plants that are sold at a price each. Only `ventas` has one.
    pub fn priced(self, unit: Money) -> Result<Self, Invalid> {
        if self.movement_type != MovementType::Ventas {
            let problem = format!("belongs to ventas, not to {}", self.movement_type.code());
            return Err(Invalid::new("unit_price", problem));
        }
        Sale::of(unit.clone(), self.change)?;
        let unit_price = Some(unit);
        Ok(Self { unit_price, ..self })
    }

    /// The same entry of plants that are put into pots which deaths left empty
    /// (*replante*). Only `plantar` and `sembrar` fill pots.
    pub fn into_empty_pots(self) -> Result<Self, Invalid> {
        let plants = [MovementType::Plantar, MovementType::Sembrar];
        if !plants.contains(&self.movement_type) {
            let problem = format!(
                "is for plantar and sembrar, not {}",
                self.movement_type.code()
            );
            return Err(Invalid::new("uses_empty_containers", problem));
        }
        Ok(Self {
            trades_pots: true,
            ..self
        })
    }

    /// The same entry of some of its plants.
    #[must_use]
    pub fn part(&self, change: Change) -> Self {
        Self {
            change,
            ..self.clone()
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

    /// Whether its plants leave pots empty, or fill them.
    pub const fn trades_pots(&self) -> bool {
        self.trades_pots
    }

    /// Free text.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether a price was said.
    pub const fn is_priced(&self) -> bool {
        self.unit_price.is_some()
    }

    /// What ties its line to others, and to money.
    pub fn ties(&self) -> Ties {
        let unit = self.unit_price.clone();
        Ties {
            transfer: self.transfer,
            reverses: self.reverses,
            // A price that is too high was refused when it was said.
            sale: unit.and_then(|unit| Sale::of(unit, self.change).ok()),
        }
    }
}

/// What to use for a type that cannot be recorded by itself.
fn instead_of(movement_type: MovementType) -> String {
    let instead = match movement_type {
        MovementType::Foto => "is recorded by counting a photo: upload one",
        MovementType::ManualInit => "is recorded by POST /api/v1/stock/manual",
        MovementType::Transplante => {
            "has two halves: it is recorded by POST /api/v1/stock/transplants"
        }
        MovementType::Plantar
        | MovementType::Sembrar
        | MovementType::Muerte
        | MovementType::Ventas
        | MovementType::Ajuste => "is fine",
    };
    format!(
        "{} {instead}; here plantar, sembrar, muerte, ventas and ajuste are taken",
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
            pots: 0,
            trades_pots: false,
            ties: Ties::default(),
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
        for movement_type in [
            MovementType::Plantar,
            MovementType::Sembrar,
            MovementType::Muerte,
            MovementType::Ventas,
        ] {
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

    fn pesos(minor: i64) -> Money {
        Money {
            minor,
            currency: "CLP".into(),
        }
    }

    #[test]
    fn a_sale_keeps_the_price_of_a_plant_and_of_all() {
        let entry = Entry::new(MovementType::Ventas, 3, "").unwrap();

        let sale = entry.priced(pesos(950)).unwrap().ties().sale.unwrap();

        assert_eq!((sale.unit.minor, sale.total_minor), (950, 2850));
    }

    #[test]
    fn only_sales_have_a_price_and_only_plantings_fill_pots() {
        let death = Entry::new(MovementType::Muerte, 3, "").unwrap();

        assert_eq!(
            death.clone().priced(pesos(1)).unwrap_err().field,
            "unit_price"
        );
        assert_eq!(
            death.into_empty_pots().unwrap_err().field,
            "uses_empty_containers"
        );
    }

    #[test]
    fn a_total_that_is_no_number_is_refused() {
        let entry = Entry::new(MovementType::Ventas, 3, "").unwrap();

        assert_eq!(
            entry.priced(pesos(i64::MAX)).unwrap_err().field,
            "unit_price"
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
