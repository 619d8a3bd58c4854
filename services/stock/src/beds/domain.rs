//! What grows where: a location's bins, and what is expected to grow in it.

use chrono::{DateTime, Utc};

use crate::catalog::domain::Kind;
use crate::ids::{BinId, LocationId};

/// What a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinCategory {
    /// Multi-cell tray.
    Plug,
    /// Seedling tray.
    SeedlingTray,
    /// Box of pots.
    Box,
    /// Block of pots on the ground.
    Segment,
    /// Single pot.
    Pot,
}

/// Whether a container is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinStatus {
    /// Plants stand in it, or may.
    Active,
    /// Out of use for now.
    Maintenance,
    /// Out of use for good.
    Retired,
}

/// A container in a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Key.
    pub id: BinId,
    /// Where it stands.
    pub location: LocationId,
    /// For example `N01-N-C01-B01`.
    pub code: String,
    /// For people.
    pub label: String,
    /// What it is.
    pub category: BinCategory,
    /// Whether plants may be put in it.
    pub status: BinStatus,
}

/// What grows, or is to grow, in a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// What its plants are.
    pub kind: Kind,
    /// Planted area in square centimetres; 0 when not stated.
    pub area_cm2: f64,
    /// Free text.
    pub notes: String,
}

/// What is expected to grow in a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Tells it from the location's other configurations, active or past.
    pub id: i32,
    /// The location.
    pub location: LocationId,
    /// What is to grow there.
    pub crop: Crop,
    /// When it became the active one.
    pub created_at: DateTime<Utc>,
}

/// A location whose row is locked: nobody else adds batches to it.
#[derive(Clone, Debug)]
pub struct LockedLocation {
    /// Key.
    pub id: LocationId,
    /// For its bins' codes.
    pub code: String,
    /// Still used.
    pub active: bool,
}

// === impl BinCategory ===

impl BinCategory {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plug => "plug",
            Self::SeedlingTray => "seedling_tray",
            Self::Box => "box",
            Self::Segment => "segment",
            Self::Pot => "pot",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Plug,
            Self::SeedlingTray,
            Self::Box,
            Self::Segment,
            Self::Pot,
        ]
        .into_iter()
        .find(|known| known.code() == code)
    }
}

// === impl BinStatus ===

impl BinStatus {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Maintenance => "maintenance",
            Self::Retired => "retired",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Active, Self::Maintenance, Self::Retired]
            .into_iter()
            .find(|known| known.code() == code)
    }
}

/// The part of a bin's code before its number: `N01-N-C01-B`.
pub fn bin_code_prefix(location_code: &str) -> String {
    format!("{location_code}-B")
}

/// What was to grow in a location at an instant: the newest of its configurations,
/// which are told oldest first, that was there by then. Before the first one, the
/// first: a bed is often photographed before anybody says what grows in it.
pub fn configured_at(history: &[Configuration], at: DateTime<Utc>) -> Option<&Configuration> {
    let by_then = history.iter().rev().find(|one| one.created_at <= at);
    by_then.or(history.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ProductId, StateId};
    use chrono::TimeDelta;

    fn a_configuration(id: i32) -> Configuration {
        let kind = Kind {
            product: ProductId(id),
            state: StateId(1),
            size: None,
            packaging: None,
        };
        Configuration {
            id,
            location: LocationId(1),
            crop: Crop {
                kind,
                area_cm2: 0.0,
                notes: String::new(),
            },
            created_at: DateTime::UNIX_EPOCH + TimeDelta::days(id.into()),
        }
    }

    #[test]
    fn a_bed_was_configured_as_it_was_by_then_or_as_it_was_first() {
        let history = [a_configuration(2), a_configuration(5)];
        let at = |days| {
            let at = DateTime::UNIX_EPOCH + TimeDelta::days(days);
            configured_at(&history, at).map(|one| one.id)
        };

        assert_eq!([at(1), at(2), at(4), at(5)], [2, 2, 2, 5].map(Some));
        assert_eq!(configured_at(&[], DateTime::UNIX_EPOCH), None);
    }
}
