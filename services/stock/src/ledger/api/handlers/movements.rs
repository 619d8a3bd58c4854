//! The ledger over gRPC.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::movement_service_server::MovementService;
use tonic::{Request, Response, Status, async_trait};

use crate::grpc::listing::{listed, paging};
use crate::ledger::api::Api;
use crate::ledger::domain::count::PhotoCount;
use crate::ledger::store::movements::{self, MovementFilter};
use crate::ledger::usecase::{CountByHand, RecordMovement};

#[async_trait]
impl MovementService for Api {
    async fn create_movement(
        &self,
        request: Request<pb::CreateMovementRequest>,
    ) -> Result<Response<pb::CreateMovementResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = RecordMovement::try_from(request.into_inner())?;
        let outcome = self.ledger.record_movement(&caller.subject, &command).await;
        let effect = self.operations.count("create_movement", outcome)?;
        Ok(Response::new(pb::CreateMovementResponse {
            movement: Some(effect.movement.into()),
            batch: Some(effect.batch.into()),
        }))
    }

    async fn create_manual_count(
        &self,
        request: Request<pb::CreateManualCountRequest>,
    ) -> Result<Response<pb::CreateManualCountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = CountByHand::try_from(request.into_inner())?;
        let outcome = self.ledger.count_by_hand(&caller.subject, &command).await;
        let effect = self.operations.count("create_manual_count", outcome)?;
        Ok(Response::new(pb::CreateManualCountResponse {
            batch: Some(effect.batch.into()),
            movement: Some(effect.movement.into()),
        }))
    }

    async fn list_movements(
        &self,
        request: Request<pb::ListMovementsRequest>,
    ) -> Result<Response<pb::ListMovementsResponse>, Status> {
        let request = request.into_inner();
        let filter = MovementFilter::try_from(&request)?;
        let (size, token) = (request.page_size, &request.page_token);
        let paging = paging("movements", &filter, size, token)?;
        let page = movements::list(self.ledger.connection(), filter, &paging).await;
        let (movements, next_page_token) = listed(page)?;
        Ok(Response::new(pb::ListMovementsResponse {
            movements,
            next_page_token,
        }))
    }

    async fn post_photo_count(
        &self,
        request: Request<pb::PostPhotoCountRequest>,
    ) -> Result<Response<pb::PostPhotoCountResponse>, Status> {
        let count = PhotoCount::try_from(request.into_inner())?;
        let outcome = self.ledger.post_photo_count(&count).await;
        let replacement = self.operations.count("post_photo_count", outcome)?;
        Ok(Response::new(replacement.into()))
    }
}
