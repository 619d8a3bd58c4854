//! The place hierarchy: warehouses, areas, locations.

use chrono::{DateTime, Utc};

use super::outline::Outline;
use crate::ids::{AreaId, LocationId, WarehouseId};

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
