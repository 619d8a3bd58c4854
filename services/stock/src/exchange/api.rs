//! `ExchangeService`.

use demeter_proto::stock::v1 as pb;
use pb::exchange_service_server::ExchangeService;
use tonic::{Request, Response, Status, async_trait};

use super::geojson::Texts;
use super::usecase::Exchange;
use crate::grpc::metrics::Operations;
use crate::places::usecase::Imported;

/// `ExchangeService`.
#[derive(Clone)]
pub struct Api {
    exchange: Exchange,
    operations: Operations,
}

#[async_trait]
impl ExchangeService for Api {
    async fn import_places(
        &self,
        request: Request<pb::ImportPlacesRequest>,
    ) -> Result<Response<pb::ImportPlacesResponse>, Status> {
        let texts = request.into_inner().into();
        let outcome = self.exchange.import_places(texts).await;
        let imported = self.operations.count("import_places", outcome)?;
        Ok(Response::new(imported.into()))
    }
}

// === impl Api ===

impl Api {
    /// Over the use cases; writes are counted in `operations`.
    pub const fn new(exchange: Exchange, operations: Operations) -> Self {
        Self {
            exchange,
            operations,
        }
    }
}

// === proto to domain and back ===

impl From<pb::ImportPlacesRequest> for Texts {
    fn from(request: pb::ImportPlacesRequest) -> Self {
        let pb::ImportPlacesRequest {
            warehouses_geojson,
            areas_geojson,
            locations_geojson,
        } = request;
        Self {
            warehouses: warehouses_geojson,
            areas: areas_geojson,
            locations: locations_geojson,
        }
    }
}

impl From<Imported> for pb::ImportPlacesResponse {
    fn from(imported: Imported) -> Self {
        let Imported {
            warehouses,
            areas,
            locations,
            unchanged,
        } = imported;
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Self {
            warehouses: number(warehouses),
            areas: number(areas),
            locations: number(locations),
            unchanged: number(unchanged),
        }
    }
}
