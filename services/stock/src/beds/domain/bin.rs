//! The containers of a location, and the lock of a bed.

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
