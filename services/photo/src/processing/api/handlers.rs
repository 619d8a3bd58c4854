//! `ProcessingService`.

use demeter_identity::Caller;
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::processing_service_server::ProcessingService;
use tonic::{Request, Response, Status};

use super::convert;
use crate::database::Store;
use crate::error::Error;
use crate::grpc::fields;
use crate::ports::{LocationId, SessionId};
use crate::processing::domain::Session;
use crate::processing::store::{results, sessions};
use crate::processing::usecase::Steering;
use crate::uploads::domain::Photo;

/// Follows and steers the counting of photos.
pub struct ProcessingApi {
    /// For reads.
    pub store: Store,
    /// For the rest.
    pub steering: Steering,
}

// === impl ProcessingApi ===

impl ProcessingApi {
    async fn find(&self, id: SessionId) -> Result<(Photo, Session), Error> {
        let found = sessions::find(&self.store, id).await?;
        found.ok_or_else(|| Error::not_found("session", id.0))
    }

    async fn result(&self, id: SessionId) -> Result<pb::GetResultResponse, Error> {
        let found = self.find(id).await?;
        let count = results::find(&self.store, id).await?;
        let (count, counted_at) = count.ok_or(Error::NotCounted)?;
        Ok(pb::GetResultResponse {
            photo: Some(convert::photo(found)),
            result: Some(convert::result(count, counted_at)),
        })
    }
}

#[tonic::async_trait]
impl ProcessingService for ProcessingApi {
    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Result<Response<pb::GetProgressResponse>, Status> {
        let pb::GetProgressRequest { session_id } = request.into_inner();
        let found = self.find(session(&session_id)?).await?;
        Ok(Response::new(convert::progress(found)))
    }

    async fn get_result(
        &self,
        request: Request<pb::GetResultRequest>,
    ) -> Result<Response<pb::GetResultResponse>, Status> {
        let pb::GetResultRequest { session_id } = request.into_inner();
        Ok(Response::new(self.result(session(&session_id)?).await?))
    }

    async fn assign_location(
        &self,
        request: Request<pb::AssignLocationRequest>,
    ) -> Result<Response<pb::AssignLocationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let pb::AssignLocationRequest {
            session_id,
            storage_location_id,
        } = request.into_inner();
        let location = LocationId::new(storage_location_id)
            .ok_or_else(|| Error::not_found("location", storage_location_id))?;
        let assigned = self
            .steering
            .assign_location(caller.token(), session(&session_id)?, location)
            .await?;
        Ok(Response::new(pb::AssignLocationResponse {
            photo: Some(convert::photo(assigned)),
        }))
    }

    async fn retry_processing(
        &self,
        request: Request<pb::RetryProcessingRequest>,
    ) -> Result<Response<pb::RetryProcessingResponse>, Status> {
        let pb::RetryProcessingRequest { session_id } = request.into_inner();
        let retried = self.steering.retry(session(&session_id)?).await?;
        Ok(Response::new(pb::RetryProcessingResponse {
            photo: Some(convert::photo(retried)),
        }))
    }
}

fn session(text: &str) -> Result<SessionId, Error> {
    fields::uuid("session_id", text).map(SessionId)
}
