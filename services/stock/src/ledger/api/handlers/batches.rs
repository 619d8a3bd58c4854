//! Batches over gRPC.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::batch_service_server::BatchService;
use tonic::{Request, Response, Status, async_trait};

use crate::error::Error;
use crate::grpc::fields::{above_zero, key};
use crate::grpc::listing::{listed, paging};
use crate::ids::{BatchId, LocationId, ProductId};
use crate::ledger::api::Api;
use crate::ledger::api::convert::planted;
use crate::ledger::store::batches::{self, BatchFilter};
use crate::ledger::usecase::CreateBatch;

#[async_trait]
impl BatchService for Api {
    async fn list_batches(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesResponse>, Status> {
        let pb::ListBatchesRequest {
            page_size,
            page_token,
            storage_location_id,
            product_id,
            include_empty,
        } = request.into_inner();
        let filter = BatchFilter {
            location: above_zero(storage_location_id, LocationId),
            product: above_zero(product_id, ProductId),
            include_empty,
        };
        let paging = paging("batches", &filter, page_size, &page_token)?;
        let page = batches::list(self.ledger.connection(), filter, &paging).await;
        let (batches, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListBatchesResponse {
            batches,
            next_page_token,
        }))
    }

    async fn get_batch(
        &self,
        request: Request<pb::GetBatchRequest>,
    ) -> Result<Response<pb::GetBatchResponse>, Status> {
        let pb::GetBatchRequest { batch_id } = request.into_inner();
        let id = BatchId(key("batch_id", &batch_id)?);
        let found = batches::find(self.ledger.connection(), id).await;
        let batch = Error::found(found, "batch", id)?;
        Ok(Response::new(pb::GetBatchResponse {
            batch: Some(batch.into()),
        }))
    }

    async fn create_batch(
        &self,
        request: Request<pb::CreateBatchRequest>,
    ) -> Result<Response<pb::CreateBatchResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = CreateBatch::try_from(request.into_inner())?;
        let outcome = self.ledger.create_batch(&caller.subject, &command).await;
        let effect = self.operations.count("create_batch", outcome)?;
        Ok(Response::new(planted(effect)))
    }
}
