//! The place hierarchy: warehouses, areas, locations, bins, and what is
//! expected to grow in a location.

use chrono::{DateTime, Utc};

use super::batch::Kind;
use super::ids::{AreaId, BinId, LocationId, WarehouseId};
use super::outline::Outline;

/// What a greenhouse is built like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarehouseType {
    /// Glass or plastic.
    Greenhouse,
    /// Shade cloth.
    Shadehouse,
    /// No roof.
    OpenField,
    /// A tunnel.
    Tunnel,
}

/// A greenhouse bay.
#[expect(clippy::struct_field_names, reason = "`type` alone is a keyword")]
#[derive(Clone, Debug, PartialEq)]
pub struct Warehouse {
    /// Key.
    pub id: WarehouseId,
    /// For example `N01`.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it is built like.
    pub warehouse_type: WarehouseType,
    /// Where it is.
    pub outline: Outline,
    /// Still used.
    pub active: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// A bed of a warehouse.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Key.
    pub id: AreaId,
    /// Its warehouse.
    pub warehouse: WarehouseId,
    /// For example `N01-N`.
    pub code: String,
    /// For people.
    pub name: String,
    /// N, S, E, W or C; empty when unknown.
    pub position: String,
    /// Where it is.
    pub outline: Outline,
    /// Still used.
    pub active: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// A bay of a bed: what one photo shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Key.
    pub id: LocationId,
    /// Its area.
    pub area: AreaId,
    /// Its area's warehouse.
    pub warehouse: WarehouseId,
    /// For example `N01-N-C01`.
    pub code: String,
    /// What the printed QR code says.
    pub qr_code: String,
    /// For people.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Where it is.
    pub outline: Outline,
    /// Still used.
    pub active: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// Plants there now.
    pub current_quantity: i64,
}

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

/// A location that covers a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The location.
    pub location: Location,
    /// Metres from the point to the location's centroid.
    pub centroid_distance_m: f64,
}

// === impl WarehouseType ===

impl WarehouseType {
    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Greenhouse => "greenhouse",
            Self::Shadehouse => "shadehouse",
            Self::OpenField => "open_field",
            Self::Tunnel => "tunnel",
        }
    }

    /// The inverse of [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Greenhouse,
            Self::Shadehouse,
            Self::OpenField,
            Self::Tunnel,
        ]
        .into_iter()
        .find(|known| known.code() == code)
    }
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
