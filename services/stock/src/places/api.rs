//! `location.proto`, as far as it says where things are.

use demeter_proto::stock::v1 as pb;
use demeter_proto::r#type::v1 as place;

use crate::grpc::fields::timestamp;
use crate::places::domain::outline::{Outline, Position};
use crate::places::domain::place::{Area, Candidate, Location, Warehouse, WarehouseType};

fn polygon(outline: &Outline) -> place::Polygon {
    place::Polygon {
        ring: outline.ring().iter().copied().map(point).collect(),
    }
}

fn point([longitude, latitude]: Position) -> place::Point {
    place::Point {
        longitude,
        latitude,
    }
}

impl From<Warehouse> for pb::Warehouse {
    fn from(warehouse: Warehouse) -> Self {
        let Warehouse {
            id,
            code,
            name,
            warehouse_type,
            outline,
            active,
            created_at,
        } = warehouse;
        let warehouse_type = match warehouse_type {
            WarehouseType::Greenhouse => pb::WarehouseType::Greenhouse,
            WarehouseType::Shadehouse => pb::WarehouseType::Shadehouse,
            WarehouseType::OpenField => pb::WarehouseType::OpenField,
            WarehouseType::Tunnel => pb::WarehouseType::Tunnel,
        };
        Self {
            warehouse_id: id.0,
            code,
            name,
            warehouse_type: warehouse_type.into(),
            polygon: Some(polygon(&outline)),
            centroid: Some(point(outline.centroid())),
            area_m2: outline.area_m2(),
            active,
            create_time: Some(timestamp(created_at)),
        }
    }
}

impl From<Area> for pb::StorageArea {
    fn from(area: Area) -> Self {
        let Area {
            id,
            warehouse,
            code,
            name,
            position,
            outline,
            active,
            created_at,
        } = area;
        Self {
            storage_area_id: id.0,
            warehouse_id: warehouse.0,
            code,
            name,
            position,
            polygon: Some(polygon(&outline)),
            centroid: Some(point(outline.centroid())),
            area_m2: outline.area_m2(),
            active,
            create_time: Some(timestamp(created_at)),
        }
    }
}

/// A location with the plants that stand there now.
pub fn location(location: Location, current_quantity: i32) -> pb::StorageLocation {
    let Location {
        id,
        area,
        warehouse,
        code,
        qr_code,
        name,
        description,
        outline,
        active,
        created_at,
    } = location;
    pb::StorageLocation {
        storage_location_id: id.0,
        storage_area_id: area.0,
        warehouse_id: warehouse.0,
        code,
        qr_code,
        name,
        description,
        polygon: Some(polygon(&outline)),
        centroid: Some(point(outline.centroid())),
        area_m2: outline.area_m2(),
        active,
        create_time: Some(timestamp(created_at)),
        current_quantity,
    }
}

/// A location that covers a point, with the plants that stand there now.
pub fn candidate(candidate: Candidate, current_quantity: i32) -> pb::LocationCandidate {
    let Candidate {
        location,
        centroid_distance_m,
    } = candidate;
    pb::LocationCandidate {
        location: Some(self::location(location, current_quantity)),
        centroid_distance_m,
    }
}
