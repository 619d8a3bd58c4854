//! `configuration.proto`, and the bins of `location.proto`.

use demeter_proto::stock::v1 as pb;

use crate::beds::domain::{Bin, BinCategory, Configuration, Crop};
use crate::beds::usecase::ConfigureLocation;
use crate::catalog::domain::Kind;
use crate::grpc::fields::timestamp;
use crate::ids::LocationId;

impl From<Bin> for pb::StorageBin {
    fn from(bin: Bin) -> Self {
        let Bin {
            id,
            location,
            code,
            label,
            category,
            status,
        } = bin;
        let category = match category {
            BinCategory::Plug => pb::BinCategory::Plug,
            BinCategory::SeedlingTray => pb::BinCategory::SeedlingTray,
            BinCategory::Box => pb::BinCategory::Box,
            BinCategory::Segment => pb::BinCategory::Segment,
            BinCategory::Pot => pb::BinCategory::Pot,
        };
        Self {
            storage_bin_id: id.0,
            storage_location_id: location.0,
            code,
            label,
            category: category.into(),
            status: status.code().to_owned(),
        }
    }
}

impl From<Configuration> for pb::LocationConfiguration {
    fn from(configuration: Configuration) -> Self {
        let Configuration {
            id,
            location,
            crop:
                Crop {
                    kind,
                    area_cm2,
                    notes,
                },
            created_at,
        } = configuration;
        let (product_id, product_state_id, product_size_id, packaging_id) = kind.keys();
        Self {
            location_configuration_id: id,
            storage_location_id: location.0,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
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
            crop: Crop {
                kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
                area_cm2,
                notes,
            },
        }
    }
}
