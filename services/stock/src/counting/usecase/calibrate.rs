//! Calibrates a density with plants that were counted on a known area.

use chrono::{DateTime, Utc};
use demeter_db::{begin, retry};

use super::Counting;
use crate::beds::domain::configuration::{Configuration, configured_at};
use crate::beds::store::configurations;
use crate::catalog::domain::Kind;
use crate::counting::domain::density::{
    Calibration, Counted, Density, Measures, Sample, calibrated,
};
use crate::counting::store::{densities, samples};
use crate::database::{RequestKey, StoreError, Tx};
use crate::error::{Error, Exists, Refusal};
use crate::ids::{DensityId, HandCountId, LocationId, SampleId, SessionId};
use crate::ledger::store::{hand_counts, photo_counts};

/// A density to be calibrated.
#[derive(Clone, Debug)]
pub struct Calibrate {
    /// So that a retry has one effect.
    pub key: RequestKey,
    /// Which.
    pub density: DensityId,
    /// What was counted.
    pub evidence: Evidence,
    /// Square centimetres that the plants stood on; those of the bed's configuration
    /// when `None`.
    pub area_cm2: Option<f64>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A photo, whose count was posted.
    Photo(SessionId),
    /// A bed, by hand.
    Hand(HandCountId),
    /// So many plants.
    Plants(i64),
}

/// Plants that were counted, and the area of their bed where one is known.
struct Found {
    counted: Counted,
    plants: i64,
    area_cm2: Option<f64>,
}

// === impl Counting ===

impl Counting {
    /// Calibrates a density once, however often it is asked to.
    pub async fn calibrate(&self, user: &str, command: &Calibrate) -> Result<Calibration, Error> {
        retry(|| async {
            let tx = begin(self.connection()).await?;
            if let Some((calibration, hash)) = samples::of_request(&tx, &command.key).await? {
                if hash != command.key.content_hash {
                    return Err(Exists::RequestIdReused.into());
                }
                return Ok(calibration);
            }
            let calibration = self.calibrate_now(&tx, user, command).await?;
            tx.commit().await?;
            Ok(calibration)
        })
        .await
    }

    async fn calibrate_now(
        &self,
        tx: &Tx,
        user: &str,
        command: &Calibrate,
    ) -> Result<Calibration, Error> {
        let id = command.density;
        let density = Error::found(densities::lock(tx, id).await, "density", id)?;
        let found = found(tx, &density, command.evidence).await?;
        let sample = sample(command.area_cm2, &found)?;
        let mut all = samples::since(tx, id, density.stated_at).await?;
        all.push(sample);
        let area = calibrated(&all, density.measures.overlap);
        let area = area.ok_or(StoreError::Corrupt("samples of a density"))?;
        let now = self.now();
        let density = Density {
            revision: density.revision + 1,
            samples: i32::try_from(all.len()).unwrap_or(i32::MAX),
            updated_at: now,
            measures: Measures {
                area_per_plant_cm2: area,
                ..density.measures
            },
            ..density
        };
        densities::update(tx, &density).await?;
        let calibration = Calibration {
            id: SampleId(0),
            density: id,
            counted: found.counted,
            sample,
            area_per_plant_cm2: area,
            samples: density.samples,
            user: user.to_owned(),
            created_at: now,
        };
        Ok(samples::insert(tx, &command.key, &calibration).await?)
    }
}

/// The plants on their area: that of the request, else that of their bed.
fn sample(stated: Option<f64>, found: &Found) -> Result<Sample, Refusal> {
    if found.plants == 0 {
        return Err(Refusal::NothingCounted);
    }
    Ok(Sample {
        plants: found.plants,
        area_cm2: stated.or(found.area_cm2).ok_or(Refusal::NoArea)?,
    })
}

/// What was counted, if it speaks of the density's plants.
async fn found(tx: &Tx, density: &Density, evidence: Evidence) -> Result<Found, Error> {
    match evidence {
        Evidence::Plants(plants) => Ok(Found {
            counted: Counted::Told,
            plants,
            area_cm2: None,
        }),
        Evidence::Photo(id) => {
            let posted = Error::found(photo_counts::find(tx, id).await, "photo count", id)?;
            let count = posted.count;
            let bed = configured(tx, count.location, count.observed_at).await?;
            for line in bed.iter().flat_map(|bed| bed.crop.lines.all()) {
                fits(density, line.kind)?;
            }
            Ok(Found {
                counted: Counted::Photo(id),
                plants: count.quantity.get(),
                area_cm2: area(bed.as_ref()),
            })
        }
        Evidence::Hand(id) => {
            let count = Error::found(hand_counts::find(tx, id).await, "count by hand", id)?;
            fits(density, count.kind)?;
            let bed = configured(tx, count.location, count.effective.at).await?;
            Ok(Found {
                counted: Counted::Hand(id),
                plants: count.plants.get(),
                // A bed of several products says nothing of the area of one.
                area_cm2: area(bed.filter(|bed| is_all_of(density, bed)).as_ref()),
            })
        }
    }
}

/// Refused when a kind is not of the density's plants.
fn fits(density: &Density, kind: Kind) -> Result<(), Refusal> {
    let of = density.of;
    if kind.product != of.product {
        return Err(Refusal::ProductMismatch {
            expected: of.product.0,
            actual: kind.product.0,
        });
    }
    match of.packaging {
        Some(packaging) if kind.packaging != Some(packaging) => Err(Refusal::PackagingMismatch {
            expected: packaging.0,
            actual: kind.packaging.map_or(0, |packaging| packaging.0),
        }),
        Some(_) | None => Ok(()),
    }
}

fn is_all_of(density: &Density, bed: &Configuration) -> bool {
    let mut lines = bed.crop.lines.all().iter();
    lines.all(|line| fits(density, line.kind).is_ok())
}

/// What was said to grow in a bed when it was counted.
async fn configured(
    tx: &Tx,
    location: LocationId,
    at: DateTime<Utc>,
) -> Result<Option<Configuration>, StoreError> {
    let history = configurations::history(tx, location).await?;
    Ok(configured_at(&history, at).cloned())
}

fn area(bed: Option<&Configuration>) -> Option<f64> {
    bed.map(|bed| bed.crop.area_cm2).filter(|area| *area > 0.0)
}
