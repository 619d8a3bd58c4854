//! `LocationService`: places with what stands in them.

use std::collections::HashMap;

use demeter_proto::stock::v1 as pb;
use pb::location_service_server::LocationService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::beds::store::bins;
use crate::error::Error;
use crate::grpc::listing::{listed, paging};
use crate::ids::{AreaId, LocationId, WarehouseId};
use crate::ledger::api::plants;
use crate::ledger::domain::quantity::Quantity;
use crate::places::api::{candidate, location};
use crate::places::domain::place::Location;
use crate::places::store::spatial::locate;
use crate::places::store::{areas, locations, warehouses};
use crate::reports::store::standing::quantities;

#[async_trait]
impl LocationService for Api {
    async fn list_warehouses(
        &self,
        request: Request<pb::ListWarehousesRequest>,
    ) -> Result<Response<pb::ListWarehousesResponse>, Status> {
        let pb::ListWarehousesRequest {
            page_size,
            page_token,
        } = request.into_inner();
        let paging = paging("warehouses", &(), page_size, &page_token)?;
        let page = warehouses::list(self.connection(), &paging).await;
        let (warehouses, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListWarehousesResponse {
            warehouses,
            next_page_token,
        }))
    }

    async fn list_storage_areas(
        &self,
        request: Request<pb::ListStorageAreasRequest>,
    ) -> Result<Response<pb::ListStorageAreasResponse>, Status> {
        let pb::ListStorageAreasRequest {
            page_size,
            page_token,
            warehouse_id,
        } = request.into_inner();
        let of = WarehouseId(warehouse_id);
        let paging = paging("areas", &of, page_size, &page_token)?;
        Error::unless(
            warehouses::exists(self.connection(), of).await,
            "warehouse",
            of,
        )?;
        let page = areas::list(self.connection(), of, &paging).await;
        let (storage_areas, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListStorageAreasResponse {
            storage_areas,
            next_page_token,
        }))
    }

    async fn list_storage_locations(
        &self,
        request: Request<pb::ListStorageLocationsRequest>,
    ) -> Result<Response<pb::ListStorageLocationsResponse>, Status> {
        let pb::ListStorageLocationsRequest {
            page_size,
            page_token,
            storage_area_id,
        } = request.into_inner();
        let of = AreaId(storage_area_id);
        let paging = paging("locations", &of, page_size, &page_token)?;
        Error::unless(
            areas::exists(self.connection(), of).await,
            "storage area",
            of,
        )?;
        let page = locations::list(self.connection(), of, &paging)
            .await
            .map_err(Error::from)?;
        let next_page_token = page.next_token;
        let storage_locations = self.with_stock(page.items).await?;
        Ok(Response::new(pb::ListStorageLocationsResponse {
            storage_locations,
            next_page_token,
        }))
    }

    async fn get_storage_location(
        &self,
        request: Request<pb::GetStorageLocationRequest>,
    ) -> Result<Response<pb::GetStorageLocationResponse>, Status> {
        let id = LocationId(request.into_inner().storage_location_id);
        let found = locations::find(self.connection(), id).await;
        let location = Error::found(found, "storage location", id)?;
        Ok(Response::new(pb::GetStorageLocationResponse {
            storage_location: self.with_stock(vec![location]).await?.pop(),
        }))
    }

    async fn list_storage_bins(
        &self,
        request: Request<pb::ListStorageBinsRequest>,
    ) -> Result<Response<pb::ListStorageBinsResponse>, Status> {
        let pb::ListStorageBinsRequest {
            page_size,
            page_token,
            storage_location_id,
        } = request.into_inner();
        let of = LocationId(storage_location_id);
        let paging = paging("bins", &of, page_size, &page_token)?;
        Error::unless(
            locations::exists(self.connection(), of).await,
            "storage location",
            of,
        )?;
        let page = bins::list(self.connection(), of, &paging).await;
        let (storage_bins, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListStorageBinsResponse {
            storage_bins,
            next_page_token,
        }))
    }

    async fn locate_point(
        &self,
        request: Request<pb::LocatePointRequest>,
    ) -> Result<Response<pb::LocatePointResponse>, Status> {
        let pb::LocatePointRequest {
            longitude,
            latitude,
        } = request.into_inner();
        let found = locate(self.connection(), [longitude, latitude]).await;
        let found = found.map_err(Error::from)?;
        if found.is_empty() {
            return Err(Error::OutsideAllLocations.into());
        }
        let standing = self
            .standing(found.iter().map(|found| found.location.id))
            .await?;
        let candidates = found
            .into_iter()
            .map(|found| {
                let here = quantity(&standing, found.location.id);
                candidate(found, here)
            })
            .collect();
        Ok(Response::new(pb::LocatePointResponse { candidates }))
    }
}

// === impl Api ===

impl Api {
    async fn standing(
        &self,
        of: impl Iterator<Item = LocationId>,
    ) -> Result<HashMap<LocationId, Quantity>, Error> {
        let of: Vec<_> = of.collect();
        Ok(quantities(self.connection(), &of).await?)
    }

    async fn with_stock(&self, places: Vec<Location>) -> Result<Vec<pb::StorageLocation>, Error> {
        let standing = self.standing(places.iter().map(|place| place.id)).await?;
        Ok(places
            .into_iter()
            .map(|place| {
                let here = quantity(&standing, place.id);
                location(place, here)
            })
            .collect())
    }
}

/// Plants of one location, as the proto counts them.
fn quantity(standing: &HashMap<LocationId, Quantity>, of: LocationId) -> i32 {
    plants(standing.get(&of).copied().unwrap_or_default())
}
