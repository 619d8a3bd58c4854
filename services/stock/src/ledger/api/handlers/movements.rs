//! The ledger over gRPC.

use demeter_identity::Caller;
use demeter_proto::stock::v1 as pb;
use pb::movement_service_server::MovementService;
use tonic::{Request, Response, Status, async_trait};

use crate::database::Page;
use crate::error::Error;
use crate::grpc::listing::paging;
use crate::ids::SessionId;
use crate::ledger::api::Api;
use crate::ledger::api::convert::{
    count_estimate, counted, recorded, results, reversed, transplanted,
};
use crate::ledger::domain::count::PhotoCount;
use crate::ledger::domain::fact::FactId;
use crate::ledger::domain::movement::{Movement, MovementType};
use crate::ledger::store::movements::{self, MovementFilter};
use crate::ledger::store::photo_counts;
use crate::ledger::usecase::{CountByHand, RecordMovement, RecordMovements, Reverse, Transplant};

#[async_trait]
impl MovementService for Api {
    async fn create_movement(
        &self,
        request: Request<pb::CreateMovementRequest>,
    ) -> Result<Response<pb::CreateMovementResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = RecordMovement::try_from(request.into_inner())?;
        let outcome = self.ledger.record_movement(&caller.subject, &command).await;
        let effects = self.operations.count("create_movement", outcome)?;
        Ok(Response::new(recorded(effects)))
    }

    async fn batch_create_movements(
        &self,
        request: Request<pb::BatchCreateMovementsRequest>,
    ) -> Result<Response<pb::BatchCreateMovementsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = RecordMovements::try_from(request.into_inner())?;
        let movements = command.movements.len();
        let outcome = self
            .ledger
            .record_movements(&caller.subject, &command)
            .await;
        let done = self.operations.count("batch_create_movements", outcome)?;
        Ok(Response::new(results(done, movements)))
    }

    async fn create_transplant(
        &self,
        request: Request<pb::CreateTransplantRequest>,
    ) -> Result<Response<pb::CreateTransplantResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Transplant::try_from(request.into_inner())?;
        let outcome = self.ledger.transplant(&caller.subject, &command).await;
        let moved = self.operations.count("create_transplant", outcome)?;
        Ok(Response::new(transplanted(moved)))
    }

    async fn reverse_movement(
        &self,
        request: Request<pb::ReverseMovementRequest>,
    ) -> Result<Response<pb::ReverseMovementResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = Reverse::try_from(request.into_inner())?;
        let outcome = self.ledger.reverse(&caller.subject, &command).await;
        let effects = self.operations.count("reverse_movement", outcome)?;
        Ok(Response::new(reversed(effects)))
    }

    async fn create_manual_count(
        &self,
        request: Request<pb::CreateManualCountRequest>,
    ) -> Result<Response<pb::CreateManualCountResponse>, Status> {
        let caller = Caller::of(&request)?;
        let command = CountByHand::try_from(request.into_inner())?;
        let outcome = self.ledger.count_by_hand(&caller.subject, &command).await;
        let posted = self.operations.count("create_manual_count", outcome)?;
        Ok(Response::new(counted(posted)))
    }

    async fn list_movements(
        &self,
        request: Request<pb::ListMovementsRequest>,
    ) -> Result<Response<pb::ListMovementsResponse>, Status> {
        let request = request.into_inner();
        let filter = MovementFilter::try_from(&request)?;
        let (size, token) = (request.page_size, &request.page_token);
        let paging = paging("movements", &filter, size, token)?;
        let connection = self.ledger.connection();
        let page = movements::list(connection, filter, &paging)
            .await
            .map_err(Error::from)?;
        let counted = page.items.iter().filter_map(counted_in);
        let estimates = photo_counts::estimates(connection, counted)
            .await
            .map_err(Error::from)?;
        let Page { items, next_token } = page;
        let told = |movement: Movement| {
            let estimate = counted_in(&movement).and_then(|session| estimates.get(&session));
            pb::Movement {
                count_estimate: estimate.map(|(plants, sure)| count_estimate(*plants, *sure)),
                ..movement.into()
            }
        };
        let movements = items.into_iter().map(told).collect();
        Ok(Response::new(pb::ListMovementsResponse {
            movements,
            next_page_token: next_token,
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

/// The session whose count a line brought in.
fn counted_in(movement: &Movement) -> Option<SessionId> {
    match movement.fact {
        FactId::Photo(session) if movement.movement_type == MovementType::Foto => Some(session),
        FactId::Photo(_) | FactId::Entry(_) | FactId::Hand(_) | FactId::Month(_) => None,
    }
}
