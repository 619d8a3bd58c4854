//! `configuration.proto`: versions and their lines.

use chrono::{DateTime, Utc};
use demeter_proto::stock::v1 as pb;

use super::bins::{category, category_or_any};
use crate::beds::domain::configuration::{Configuration, Crop, Line, Lines};
use crate::beds::domain::freshness::Freshness;
use crate::beds::store::configured::ConfiguredFilter;
use crate::beds::usecase::{ConfigureLocation, Deactivate, EditConfiguration};
use crate::catalog::domain::Kind;
use crate::grpc::fields::{above_zero, timestamp};
use crate::ids::{AreaId, ConfigurationId, LocationId, WarehouseId};
use crate::invalid::Invalid;

/// A configuration as it is told at an instant.
pub fn told(configuration: Configuration, now: DateTime<Utc>) -> pb::LocationConfiguration {
    let etag = configuration.etag();
    let Configuration {
        id,
        location,
        crop: Crop {
            lines,
            area_cm2,
            notes,
        },
        revision: _,
        created_at,
        updated_at,
        closed_at,
    } = configuration;
    let (product_id, product_state_id, product_size_id, packaging_id) = lines.main().keys();
    pb::LocationConfiguration {
        location_configuration_id: id.0,
        storage_location_id: location.0,
        product_id,
        product_state_id,
        product_size_id,
        packaging_id,
        area_cm2,
        notes,
        create_time: Some(timestamp(created_at)),
        lines: lines.all().iter().map(Into::into).collect(),
        etag,
        update_time: Some(timestamp(updated_at)),
        close_time: closed_at.map(timestamp),
        color: color(Freshness::of(Some(updated_at), now)).into(),
    }
}

/// A freshness in the nursery's colours.
pub const fn color(freshness: Freshness) -> pb::ConfigurationColor {
    match freshness {
        Freshness::New => pb::ConfigurationColor::Blue,
        Freshness::Fine => pb::ConfigurationColor::Green,
        Freshness::Old => pb::ConfigurationColor::Yellow,
        Freshness::Missing => pb::ConfigurationColor::Red,
    }
}

fn freshness(value: i32) -> Option<Freshness> {
    match pb::ConfigurationColor::try_from(value) {
        Ok(pb::ConfigurationColor::Blue) => Some(Freshness::New),
        Ok(pb::ConfigurationColor::Green) => Some(Freshness::Fine),
        Ok(pb::ConfigurationColor::Yellow) => Some(Freshness::Old),
        Ok(pb::ConfigurationColor::Red) => Some(Freshness::Missing),
        // The proto's rules let no other number through.
        Ok(pb::ConfigurationColor::Unspecified) | Err(_) => None,
    }
}

impl From<&Line> for pb::LocationConfigurationLine {
    fn from(line: &Line) -> Self {
        let (product_id, product_state_id, product_size_id, packaging_id) = line.kind.keys();
        Self {
            container_category: category_or_any(line.container),
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
        }
    }
}

impl From<pb::LocationConfigurationLine> for Line {
    fn from(line: pb::LocationConfigurationLine) -> Self {
        let pb::LocationConfigurationLine {
            container_category,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
        } = line;
        Self {
            container: category(container_category),
            kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
        }
    }
}

/// What a request says is to grow.
pub(super) fn crop(
    lines: Vec<pb::LocationConfigurationLine>,
    area_cm2: f64,
    notes: String,
) -> Result<Crop, Invalid> {
    Ok(Crop {
        lines: Lines::new(lines.into_iter().map(Line::from).collect())?,
        area_cm2,
        notes,
    })
}

impl TryFrom<pb::SetLocationConfigurationRequest> for ConfigureLocation {
    type Error = Invalid;

    fn try_from(request: pb::SetLocationConfigurationRequest) -> Result<Self, Invalid> {
        let lines = lines_of(&request)?;
        let pb::SetLocationConfigurationRequest {
            storage_location_id,
            area_cm2,
            notes,
            etag,
            ..
        } = request;
        Ok(Self {
            location: LocationId(storage_location_id),
            crop: crop(lines, area_cm2, notes)?,
            etag: Some(etag).filter(|etag| !etag.is_empty()),
        })
    }
}

/// The lines of a request: as told, or the one that its own fields say.
fn lines_of(
    request: &pb::SetLocationConfigurationRequest,
) -> Result<Vec<pb::LocationConfigurationLine>, Invalid> {
    let own = pb::LocationConfigurationLine {
        container_category: pb::BinCategory::Unspecified.into(),
        product_id: request.product_id,
        product_state_id: request.product_state_id,
        product_size_id: request.product_size_id,
        packaging_id: request.packaging_id,
    };
    if request.lines.is_empty() {
        let whole = "is required: 1 or more, or lines";
        return match (own.product_id, own.product_state_id) {
            (0, _) => Err(Invalid::new("product_id", whole)),
            (_, 0) => Err(Invalid::new("product_state_id", whole)),
            _ => Ok(vec![own]),
        };
    }
    if own != pb::LocationConfigurationLine::default() {
        return Err(Invalid::new(
            "lines",
            "must be empty, or the only place where the product is told",
        ));
    }
    Ok(request.lines.clone())
}

impl TryFrom<pb::UpdateLocationConfigurationRequest> for EditConfiguration {
    type Error = Invalid;

    fn try_from(request: pb::UpdateLocationConfigurationRequest) -> Result<Self, Invalid> {
        let pb::UpdateLocationConfigurationRequest {
            location_configuration_id,
            etag,
            lines,
            area_cm2,
            notes,
        } = request;
        Ok(Self {
            id: ConfigurationId(location_configuration_id),
            etag,
            crop: crop(lines, area_cm2, notes)?,
        })
    }
}

impl From<pb::DeactivateLocationConfigurationRequest> for Deactivate {
    fn from(request: pb::DeactivateLocationConfigurationRequest) -> Self {
        let pb::DeactivateLocationConfigurationRequest {
            location_configuration_id,
            etag,
        } = request;
        Self {
            id: ConfigurationId(location_configuration_id),
            etag,
        }
    }
}

impl From<&pb::ListConfiguredLocationsRequest> for ConfiguredFilter {
    fn from(request: &pb::ListConfiguredLocationsRequest) -> Self {
        let pb::ListConfiguredLocationsRequest {
            page_size: _,
            page_token: _,
            warehouse_id,
            storage_area_id,
            color,
        } = request;
        Self {
            warehouse: above_zero(*warehouse_id, WarehouseId),
            area: above_zero(*storage_area_id, AreaId),
            freshness: freshness(*color),
        }
    }
}
