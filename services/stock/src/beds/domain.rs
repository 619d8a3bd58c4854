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
    /// `active`, `maintenance` or `retired`.
    pub status: String,
}

/// What is expected to grow in a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Key.
    pub id: i32,
    /// The location.
    pub location: LocationId,
    /// What grows there.
    pub kind: Kind,
    /// Planted area in square centimetres; 0 when not stated.
    pub area_cm2: f64,
    /// Free text.
    pub notes: String,
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

/// The code of a location's n-th bin.
pub fn bin_code(location_code: &str, number: u32) -> String {
    format!("{location_code}-B{number:02}")
}
