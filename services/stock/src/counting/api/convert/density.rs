//! `density.proto`.

use demeter_proto::stock::v1 as pb;

use crate::beds::api::{category, category_or_any};
use crate::counting::domain::density::{
    Calibration, Counted, Density, Measures, Sample, Stand, USUAL_OVERLAP, area_of,
};
use crate::counting::store::densities::DensityFilter;
use crate::counting::usecase::{Calibrate, Evidence, StateDensity, StateNewDensity};
use crate::grpc::fields::{above_zero, key, request_key, timestamp};
use crate::ids::{DensityId, HandCountId, PackagingId, ProductId, SessionId};
use crate::invalid::Invalid;

impl From<Density> for pb::DensityParameters {
    fn from(density: Density) -> Self {
        let (etag, plants_per_m2) = (density.etag(), density.measures.plants_per_m2());
        let Density {
            id,
            of:
                Stand {
                    container,
                    product,
                    packaging,
                },
            measures:
                Measures {
                    area_per_plant_cm2,
                    overlap,
                    diameter_cm,
                    notes,
                },
            revision: _,
            samples,
            stated_at: _,
            created_at,
            updated_at,
        } = density;
        Self {
            density_parameters_id: id.0,
            container_category: category_or_any(container),
            product_id: product.0,
            packaging_id: packaging.map(|packaging| packaging.0),
            avg_area_per_plant_cm2: area_per_plant_cm2,
            plants_per_m2,
            overlap_factor: overlap,
            avg_diameter_cm: diameter_cm,
            notes,
            calibrated_with: samples,
            etag,
            create_time: Some(timestamp(created_at)),
            update_time: Some(timestamp(updated_at)),
        }
    }
}

impl From<Calibration> for pb::DensityCalibration {
    fn from(calibration: Calibration) -> Self {
        let Calibration {
            id,
            density,
            counted,
            sample: Sample { plants, area_cm2 },
            area_per_plant_cm2,
            samples,
            user,
            created_at,
        } = calibration;
        let (photo, hand) = match counted {
            Counted::Photo(session) => (Some(session.to_string()), None),
            Counted::Hand(count) => (None, Some(count.to_string())),
            Counted::Told => (None, None),
        };
        Self {
            density_calibration_id: id.0,
            density_parameters_id: density.0,
            processing_session_id: photo,
            manual_count_id: hand,
            plants: i32::try_from(plants).unwrap_or(i32::MAX),
            area_cm2,
            avg_area_per_plant_cm2: area_per_plant_cm2,
            calibrated_with: samples,
            user_id: user,
            create_time: Some(timestamp(created_at)),
        }
    }
}

/// The area of a plant, told as such or as plants per square metre.
fn area(area: Option<f64>, plants_per_m2: Option<f64>) -> Result<f64, Invalid> {
    match (area, plants_per_m2) {
        (Some(area), None) => Ok(area),
        (None, Some(plants)) => Ok(area_of(plants)),
        (None, None) => Err(Invalid::new(
            "avg_area_per_plant_cm2",
            "is required, or plants_per_m2",
        )),
        (Some(_), Some(_)) => Err(Invalid::new(
            "plants_per_m2",
            "must be absent where avg_area_per_plant_cm2 is told: one follows from the other",
        )),
    }
}

impl TryFrom<pb::CreateDensityParametersRequest> for StateNewDensity {
    type Error = Invalid;

    fn try_from(request: pb::CreateDensityParametersRequest) -> Result<Self, Invalid> {
        let pb::CreateDensityParametersRequest {
            container_category,
            product_id,
            packaging_id,
            avg_area_per_plant_cm2,
            plants_per_m2,
            overlap_factor,
            avg_diameter_cm,
            notes,
        } = request;
        Ok(Self {
            of: Stand {
                container: category(container_category),
                product: ProductId(product_id),
                packaging: packaging_id.map(PackagingId),
            },
            measures: Measures {
                area_per_plant_cm2: area(avg_area_per_plant_cm2, plants_per_m2)?,
                overlap: overlap_factor.unwrap_or(USUAL_OVERLAP),
                diameter_cm: avg_diameter_cm,
                notes,
            },
        })
    }
}

impl TryFrom<pb::UpdateDensityParametersRequest> for StateDensity {
    type Error = Invalid;

    fn try_from(request: pb::UpdateDensityParametersRequest) -> Result<Self, Invalid> {
        let pb::UpdateDensityParametersRequest {
            density_parameters_id,
            etag,
            avg_area_per_plant_cm2,
            plants_per_m2,
            overlap_factor,
            avg_diameter_cm,
            notes,
        } = request;
        Ok(Self {
            id: DensityId(density_parameters_id),
            etag,
            measures: Measures {
                area_per_plant_cm2: area(avg_area_per_plant_cm2, plants_per_m2)?,
                overlap: overlap_factor.unwrap_or(USUAL_OVERLAP),
                diameter_cm: avg_diameter_cm,
                notes,
            },
        })
    }
}

impl TryFrom<pb::CalibrateDensityParametersRequest> for Calibrate {
    type Error = Invalid;

    fn try_from(mut request: pb::CalibrateDensityParametersRequest) -> Result<Self, Invalid> {
        let id = std::mem::take(&mut request.request_id);
        let key = request_key("calibrate_density_parameters", &id, &request)?;
        Ok(Self {
            key,
            density: DensityId(request.density_parameters_id),
            evidence: evidence(&request)?,
            area_cm2: request.area_cm2,
        })
    }
}

fn evidence(request: &pb::CalibrateDensityParametersRequest) -> Result<Evidence, Invalid> {
    let photo = request.processing_session_id.as_deref();
    let hand = request.manual_count_id.as_deref();
    match (photo, hand, request.plants) {
        (Some(id), None, None) => {
            let id = key("processing_session_id", id)?;
            Ok(Evidence::Photo(SessionId(id)))
        }
        (None, Some(id), None) => Ok(Evidence::Hand(HandCountId(key("manual_count_id", id)?))),
        (None, None, Some(plants)) => Ok(Evidence::Plants(plants.into())),
        _ => Err(Invalid::new(
            "plants",
            "must be told, or a processing_session_id, or a manual_count_id: one of the three",
        )),
    }
}

impl From<&pb::ListDensityParametersRequest> for DensityFilter {
    fn from(request: &pb::ListDensityParametersRequest) -> Self {
        let pb::ListDensityParametersRequest {
            page_size: _,
            page_token: _,
            product_id,
            packaging_id,
        } = request;
        Self {
            product: above_zero(*product_id, ProductId),
            packaging: above_zero(*packaging_id, PackagingId),
        }
    }
}
