//! What comes in from outside, one file per format.

pub mod api;
pub mod geojson;
pub mod usecase;
