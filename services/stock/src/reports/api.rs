//! The place hierarchy over gRPC.

use demeter_proto::stock::v1 as pb;
use pb::location_service_server::LocationService;
use tonic::{Request, Response, Status, async_trait};

use crate::database::{Store, StoreError};
use crate::error::Error;
use crate::exchange::geojson::Texts;
use crate::exchange::usecase::Exchange;
use crate::grpc::listing::Listing;
use crate::grpc::metrics::Operations;
use crate::ids::{AreaId, LocationId, WarehouseId};
use crate::places::api as location;
use crate::places::domain::place::Location;

/// `LocationService`.
#[derive(Clone)]
pub struct Api {
    store: Store,
    exchange: Exchange,
    operations: Operations,
}

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
        let listing = Listing::new("warehouses", &());
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        let page = self.store.list_warehouses(&paging).await?;
        let next_page_token = listing.next(&page);
        let warehouses = page.items.into_iter().map(Into::into).collect();
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
        let listing = Listing::new("areas", &of);
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        if !self.store.has_warehouse(of).await? {
            return Err(Error::not_found("warehouse", of).into());
        }
        let page = self.store.list_areas(of, &paging).await?;
        let next_page_token = listing.next(&page);
        let storage_areas = page.items.into_iter().map(Into::into).collect();
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
        let listing = Listing::new("locations", &of);
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        if !self.store.has_area(of).await? {
            return Err(Error::not_found("storage area", of).into());
        }
        let page = self.store.list_locations(of, &paging).await?;
        let next_page_token = listing.next(&page);
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
        let location = self.store.find_location(id).await?;
        let location = location.ok_or_else(|| Error::not_found("storage location", id))?;
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
        let listing = Listing::new("bins", &of);
        let paging = listing
            .paging(page_size, &page_token)
            .map_err(Error::from)?;
        if self.store.find_location(of).await?.is_none() {
            return Err(Error::not_found("storage location", of).into());
        }
        let page = self.store.list_bins(of, &paging).await?;
        let next_page_token = listing.next(&page);
        let storage_bins = page.items.into_iter().map(Into::into).collect();
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
        let candidates = self.store.locate([longitude, latitude]).await?;
        if candidates.is_empty() {
            return Err(Error::OutsideAllLocations.into());
        }
        let ids: Vec<_> = candidates
            .iter()
            .map(|candidate| candidate.location.id)
            .collect();
        let standing = self.store.quantities(&ids).await?;
        let candidates = candidates
            .into_iter()
            .map(|candidate| {
                let plants = standing.get(&candidate.location.id).copied();
                location::candidate(candidate, plants.unwrap_or(0))
            })
            .collect();
        Ok(Response::new(pb::LocatePointResponse { candidates }))
    }

    async fn import_places(
        &self,
        request: Request<pb::ImportPlacesRequest>,
    ) -> Result<Response<pb::ImportPlacesResponse>, Status> {
        let pb::ImportPlacesRequest {
            warehouses_geojson,
            areas_geojson,
            locations_geojson,
        } = request.into_inner();
        let texts = Texts {
            warehouses: warehouses_geojson,
            areas: areas_geojson,
            locations: locations_geojson,
        };
        let outcome = self.exchange.import_places(texts).await;
        let imported = self.operations.count("import_places", outcome)?;
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(Response::new(pb::ImportPlacesResponse {
            warehouses: number(imported.warehouses),
            areas: number(imported.areas),
            locations: number(imported.locations),
            unchanged: number(imported.unchanged),
        }))
    }
}

// === impl Api ===

impl Api {
    /// Over a store; writes are counted in `operations`.
    pub const fn new(store: Store, exchange: Exchange, operations: Operations) -> Self {
        Self {
            store,
            exchange,
            operations,
        }
    }

    async fn with_stock(
        &self,
        locations: Vec<Location>,
    ) -> Result<Vec<pb::StorageLocation>, StoreError> {
        let ids: Vec<_> = locations.iter().map(|location| location.id).collect();
        let standing = self.store.quantities(&ids).await?;
        Ok(locations
            .into_iter()
            .map(|location| {
                let plants = standing.get(&location.id).copied();
                location::location(location, plants.unwrap_or(0))
            })
            .collect())
    }
}
