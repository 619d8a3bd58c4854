//! `batch.proto` and `configuration.proto`.

use demeter_proto::stock::v1 as pb;

use super::{day, kind, request_key, timestamp};
use crate::domain::batch::Batch;
use crate::domain::beds::Configuration;
use crate::domain::catalog::Kind;
use crate::domain::ids::LocationId;
use crate::invalid::Invalid;
use crate::usecase::{ConfigureLocation, CreateBatch};

impl From<Batch> for pb::Batch {
    fn from(batch: Batch) -> Self {
        let Batch {
            id,
            code,
            location,
            bin,
            kind:
                Kind {
                    product,
                    state,
                    size,
                    packaging,
                },
            quantity_initial,
            quantity_current,
            quantity_empty_containers,
            planting_date,
            notes,
            created_at,
            updated_at,
        } = batch;
        Self {
            batch_id: id.to_string(),
            batch_code: code,
            storage_location_id: location.0,
            storage_bin_id: bin.0,
            product_id: product.0,
            product_state_id: state.0,
            product_size_id: size.map_or(0, |size| size.0),
            packaging_id: packaging.map_or(0, |packaging| packaging.0),
            quantity_initial,
            quantity_current,
            quantity_empty_containers,
            planting_date: planting_date.map_or_else(String::new, |day| day.to_string()),
            notes,
            create_time: Some(timestamp(created_at)),
            update_time: Some(timestamp(updated_at)),
        }
    }
}

impl TryFrom<pb::CreateBatchRequest> for CreateBatch {
    type Error = Invalid;

    fn try_from(mut request: pb::CreateBatchRequest) -> Result<Self, Invalid> {
        let request_id = std::mem::take(&mut request.request_id);
        let key = request_key("create_batch", &request_id, &request)?;
        let pb::CreateBatchRequest {
            request_id: _,
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            quantity,
            planting_date,
            notes,
        } = request;
        Ok(Self {
            key,
            location: LocationId(storage_location_id),
            kind: kind(product_id, product_state_id, product_size_id, packaging_id),
            quantity,
            planting_date: day("planting_date", &planting_date)?,
            notes,
        })
    }
}

impl From<Configuration> for pb::LocationConfiguration {
    fn from(configuration: Configuration) -> Self {
        let Configuration {
            id,
            location,
            kind:
                Kind {
                    product,
                    state,
                    size,
                    packaging,
                },
            area_cm2,
            notes,
            created_at,
        } = configuration;
        Self {
            location_configuration_id: id,
            storage_location_id: location.0,
            product_id: product.0,
            product_state_id: state.0,
            product_size_id: size.map_or(0, |size| size.0),
            packaging_id: packaging.map_or(0, |packaging| packaging.0),
            area_cm2,
            notes,
            create_time: Some(timestamp(created_at)),
        }
    }
}

impl From<pb::SetLocationConfigurationRequest> for ConfigureLocation {
    fn from(request: pb::SetLocationConfigurationRequest) -> Self {
        let pb::SetLocationConfigurationRequest {
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            area_cm2,
            notes,
        } = request;
        Self {
            location: LocationId(storage_location_id),
            kind: kind(product_id, product_state_id, product_size_id, packaging_id),
            area_cm2,
            notes,
        }
    }
}
