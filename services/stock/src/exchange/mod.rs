//! What comes in from outside, one file per format.

pub mod geojson;
pub mod usecase;
