//! `StockService`: what stood where, at any instant.

use chrono::{DateTime, Utc};
use demeter_proto::stock::v1 as pb;
use pb::stock_service_server::StockService;
use tonic::{Request, Response, Status, async_trait};

use super::Api;
use crate::catalog::domain::Kind;
use crate::catalog::store::entity::product;
use crate::database::exists;
use crate::error::Error;
use crate::grpc::fields::{above_zero, key, rfc3339, timestamp};
use crate::ids::{AreaId, BatchId, LocationId, ProductId, WarehouseId};
use crate::invalid::Invalid;
use crate::ledger::api::plants;
use crate::ledger::domain::quantity::Quantity;
use crate::ledger::store::batches;
use crate::places::store::{areas, locations, warehouses};
use crate::reports::store::as_of::{self, StockFilter};

#[async_trait]
impl StockService for Api {
    async fn get_stock(
        &self,
        request: Request<pb::GetStockRequest>,
    ) -> Result<Response<pb::GetStockResponse>, Status> {
        let now = self.clock.now();
        let filter = filter(request.into_inner(), now)?;
        self.check(filter).await?;
        let kinds = as_of::kinds(self.connection(), filter).await;
        let kinds = kinds.map_err(Error::from)?;
        let all: Quantity = kinds.iter().map(|(_, stood)| *stood).sum();
        Ok(Response::new(pb::GetStockResponse {
            kinds: kinds.into_iter().map(kind_stock).collect(),
            quantity: plants(all),
            as_of: Some(timestamp(filter.as_of)),
            known_at: Some(timestamp(filter.known_at)),
        }))
    }

    async fn get_timeline(
        &self,
        request: Request<pb::GetTimelineRequest>,
    ) -> Result<Response<pb::GetTimelineResponse>, Status> {
        Ok(Response::new(self.timeline(request.into_inner()).await?))
    }
}

impl Api {
    /// NOT_FOUND unless there is all that a filter names.
    async fn check(&self, filter: StockFilter) -> Result<(), Error> {
        let connection = self.connection();
        if let Some(id) = filter.warehouse {
            Error::unless(warehouses::exists(connection, id).await, "warehouse", id)?;
        }
        if let Some(id) = filter.area {
            Error::unless(areas::exists(connection, id).await, "storage area", id)?;
        }
        if let Some(id) = filter.location {
            let found = locations::exists(connection, id).await;
            Error::unless(found, "storage location", id)?;
        }
        if let Some(id) = filter.product {
            let found = exists::<product::Entity>(connection, id.0).await;
            Error::unless(found, "product", id)?;
        }
        if let Some(id) = filter.batch {
            Error::found(batches::find(connection, id).await, "batch", id)?;
        }
        Ok(())
    }
}

fn filter(request: pb::GetStockRequest, now: DateTime<Utc>) -> Result<StockFilter, Invalid> {
    let pb::GetStockRequest {
        warehouse_id,
        storage_area_id,
        storage_location_id,
        product_id,
        batch_id,
        as_of,
        known_at,
    } = request;
    let batch = Some(batch_id).filter(|id| !id.is_empty());
    let batch = batch.map(|id| key("batch_id", &id).map(BatchId));
    Ok(StockFilter {
        warehouse: above_zero(warehouse_id, WarehouseId),
        area: above_zero(storage_area_id, AreaId),
        location: above_zero(storage_location_id, LocationId),
        product: above_zero(product_id, ProductId),
        batch: batch.transpose()?,
        as_of: rfc3339("as_of", &as_of)?.unwrap_or(now),
        known_at: rfc3339("known_at", &known_at)?.unwrap_or(now),
    })
}

fn kind_stock((kind, stood): (Kind, Quantity)) -> pb::KindStock {
    let (product_id, product_state_id, product_size_id, packaging_id) = kind.keys();
    pb::KindStock {
        product_id,
        product_state_id,
        product_size_id,
        packaging_id,
        quantity: plants(stood),
    }
}
