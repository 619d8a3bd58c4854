//! How densely plants of a product stand, and how counts on known areas say so.

use chrono::{DateTime, Utc};

use crate::beds::domain::bin::BinCategory;
use crate::ids::{DensityId, HandCountId, PackagingId, ProductId, SampleId, SessionId};

/// Square centimetres in a square metre.
const CM2_PER_M2: f64 = 10_000.0;

/// The part of the plants that stands there where nobody says otherwise: they overlap
/// and leave gaps.
pub const USUAL_OVERLAP: f64 = 0.85;

/// Counts that calibrate a density at most: the latest.
pub const POOLED: u64 = 100;

/// Which plants: of a product, in some containers and pots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// In which containers; in any when `None`.
    pub container: Option<BinCategory>,
    /// The product.
    pub product: ProductId,
    /// What it grows in; in any when `None`.
    pub packaging: Option<PackagingId>,
}

/// How large plants are, as somebody states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Square centimetres that one plant covers; above 0.
    pub area_per_plant_cm2: f64,
    /// The part of the plants on an area that stands there: above 0, at most 1.
    pub overlap: f64,
    /// Centimetres across a plant, when stated; above 0.
    pub diameter_cm: Option<f64>,
    /// Free text.
    pub notes: String,
}

/// How densely plants stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Tells it from the others.
    pub id: DensityId,
    /// Which plants.
    pub of: Stand,
    /// How large they are.
    pub measures: Measures,
    /// How often it changed, and one.
    pub revision: i32,
    /// Counts that the area follows from; 0 where it was stated.
    pub samples: i32,
    /// When somebody last stated the area.
    pub stated_at: DateTime<Utc>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Plants that were counted on a known area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The plants; above 0.
    pub plants: i64,
    /// Square centimetres that they stood on; above 0.
    pub area_cm2: f64,
}

/// Where a sample's plants were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// On a photo.
    Photo(SessionId),
    /// By hand, in the ledger.
    Hand(HandCountId),
    /// By hand, for this alone.
    Told,
}

/// A sample, and what it made of a density.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Tells it from the others.
    pub id: SampleId,
    /// What was calibrated.
    pub density: DensityId,
    /// Where the plants were counted.
    pub counted: Counted,
    /// How many on how much.
    pub sample: Sample,
    /// Square centimetres that one plant covers, after it.
    pub area_per_plant_cm2: f64,
    /// Counts that this follows from.
    pub samples: i32,
    /// Who calibrated.
    pub user: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

// === impl Measures ===

impl Measures {
    /// Plants on a square metre, before they overlap.
    pub fn plants_per_m2(&self) -> f64 {
        CM2_PER_M2 / self.area_per_plant_cm2
    }
}

/// The area of a plant where so many cover a square metre, and the other way round.
pub fn area_of(plants_per_m2: f64) -> f64 {
    CM2_PER_M2 / plants_per_m2
}

// === impl Density ===

impl Density {
    /// What whoever edits it must have read: changes with every change.
    pub fn etag(&self) -> String {
        format!("{}-{}", self.id, self.revision)
    }
}

/// The area of a plant that makes the samples' areas hold their plants: all areas by
/// all plants, so that a large sample weighs more than a small one. `None` without
/// samples.
pub fn calibrated(samples: &[Sample], overlap: f64) -> Option<f64> {
    let area: f64 = samples.iter().map(|sample| sample.area_cm2).sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a hundred counts of a million plants are exact"
    )]
    let plants = samples.iter().map(|sample| sample.plants).sum::<i64>() as f64;
    (plants > 0.0).then(|| area * overlap / plants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_area_of_a_plant_is_all_areas_by_all_plants() {
        let samples = [(100, 10_000.0), (300, 20_000.0)];
        let samples = samples.map(|(plants, area_cm2)| Sample { plants, area_cm2 });

        assert_eq!(calibrated(&samples, 1.0), Some(75.0));
        assert_eq!(calibrated(&[], 1.0), None);
    }

    proptest! {
        /// What calibrates a density is what the density then says of the same area.
        #[test]
        fn a_calibrated_density_finds_the_plants_of_its_sample(
            plants in 1i64..1_000_000, area_cm2 in 1.0f64..1e9, overlap in 0.01f64..1.0,
        ) {
            let area = calibrated(&[Sample { plants, area_cm2 }], overlap).unwrap();

            let found = area_cm2 / area * overlap;

            #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
            let off = (found - plants as f64).abs() / plants as f64;
            prop_assert!(off < 1e-9, "{found} for {plants}");
        }
    }
}
