//! Outlines as they are stored: GeoJSON, which PostGIS and SQLite both read.

use serde::{Deserialize, Serialize};

use crate::database::StoreError;
use crate::places::domain::outline::{Outline, Position};

/// A polygon without holes.
#[derive(Serialize, Deserialize)]
struct StoredPolygon {
    r#type: String,
    coordinates: Vec<Vec<Position>>,
}

/// The GeoJSON text of an outline.
pub(super) fn text(outline: &Outline) -> Result<String, StoreError> {
    let polygon = StoredPolygon {
        r#type: "Polygon".to_owned(),
        coordinates: vec![outline.ring().to_vec()],
    };
    serde_json::to_string(&polygon).map_err(|_unreachable| StoreError::Corrupt("outline"))
}

/// The outline of a GeoJSON text that was stored.
pub(super) fn outline(text: &str, centroid: Position, area_m2: f64) -> Result<Outline, StoreError> {
    let polygon: StoredPolygon =
        serde_json::from_str(text).map_err(|_not_geojson| StoreError::Corrupt("outline"))?;
    let ring = polygon
        .coordinates
        .into_iter()
        .next()
        .ok_or(StoreError::Corrupt("outline"))?;
    Ok(Outline::stored(ring, centroid, area_m2))
}
