//! The stock service.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use demeter_clock::Clock;
use demeter_grpc::Channel;
use demeter_proto::stock::v1 as pb;
use demeter_proto::stock::v1::location_service_client::LocationServiceClient;
use demeter_proto::stock::v1::movement_service_client::MovementServiceClient;
use tonic::Status;

use super::ServiceIdentity;
use super::identity::attenuated;
use super::status::{call_error, is_not_found, is_unauthenticated, twice};
use crate::ports::{BatchId, CallError, LocationId, PhotoCount, Position, Stock};

const READ_TIMEOUT: Duration = Duration::from_secs(5);
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
const GET_LOCATION: &str = "/demeter.stock.v1.LocationService/GetStorageLocation";
const LOCATE: &str = "/demeter.stock.v1.LocationService/LocatePoint";
const POST: &str = "/demeter.stock.v1.MovementService/PostPhotoCount";

/// Calls stock.
pub struct StockClient {
    channel: Channel,
    identity: Arc<ServiceIdentity>,
    clock: Clock,
}

// === impl StockClient ===

impl StockClient {
    /// Over a channel that connects when it is used.
    pub fn new(channel: Channel, identity: Arc<ServiceIdentity>, clock: Clock) -> Self {
        Self {
            channel,
            identity,
            clock,
        }
    }

    async fn get_location(&self, biscuit: &str, id: LocationId) -> Result<(), Status> {
        let message = pb::GetStorageLocationRequest {
            storage_location_id: id.get(),
        };
        let answer = twice(|| {
            let request = demeter_grpc::outgoing(message, biscuit, READ_TIMEOUT);
            let mut client = LocationServiceClient::new(self.channel.clone());
            async move { client.get_storage_location(request).await }
        });
        answer.await.map(|_location| ())
    }

    async fn error(&self, status: Status) -> CallError {
        if is_unauthenticated(&status) {
            self.identity.forget().await;
        }
        call_error("stock", &status)
    }
}

#[async_trait]
impl Stock for StockClient {
    async fn location_exists(
        &self,
        biscuit: Option<&str>,
        id: LocationId,
    ) -> Result<bool, CallError> {
        let until = self.clock.now() + chrono::Duration::minutes(1);
        let narrow = match biscuit {
            Some(biscuit) => attenuated(biscuit, GET_LOCATION, until)?,
            None => self.identity.biscuit_for(GET_LOCATION).await?,
        };
        match self.get_location(&narrow, id).await {
            Ok(()) => Ok(true),
            Err(status) if is_not_found(&status) => Ok(false),
            Err(status) => Err(self.error(status).await),
        }
    }

    async fn locate(&self, position: Position) -> Result<Vec<LocationId>, CallError> {
        let biscuit = self.identity.biscuit_for(LOCATE).await?;
        let message = pb::LocatePointRequest {
            longitude: position.longitude(),
            latitude: position.latitude(),
        };
        let answer = twice(|| {
            let request = demeter_grpc::outgoing(message, &biscuit, READ_TIMEOUT);
            let mut client = LocationServiceClient::new(self.channel.clone());
            async move { client.locate_point(request).await }
        });
        let pb::LocatePointResponse { candidates } = match answer.await {
            Ok(found) => found.into_inner(),
            Err(status) if is_not_found(&status) => return Ok(Vec::new()),
            Err(status) => return Err(self.error(status).await),
        };
        Ok(candidates
            .into_iter()
            .filter_map(|candidate| LocationId::new(candidate.location?.storage_location_id))
            .collect())
    }

    async fn post_count(&self, count: &PhotoCount) -> Result<Option<BatchId>, CallError> {
        let biscuit = self.identity.biscuit_for(POST).await?;
        let PhotoCount {
            session,
            location,
            estimate,
            observed_at,
            user,
        } = count;
        let message = pb::PostPhotoCountRequest {
            processing_session_id: session.0.to_string(),
            storage_location_id: location.get(),
            quantity: estimate.plants,
            observed_time: Some(demeter_grpc::timestamp(*observed_at)),
            user_id: user.clone(),
            plants_low: estimate.range.map(|range| range.low),
            plants_high: estimate.range.map(|range| range.high),
            boxes: Some(estimate.boxes),
        };
        let answer = twice(|| {
            let request = demeter_grpc::outgoing(message.clone(), &biscuit, WRITE_TIMEOUT);
            let mut client = MovementServiceClient::new(self.channel.clone());
            async move { client.post_photo_count(request).await }
        });
        match answer.await {
            Ok(posted) => posted
                .into_inner()
                .batch
                .map(|batch| batch_id(&batch.batch_id))
                .transpose(),
            Err(status) => Err(self.error(status).await),
        }
    }
}

fn batch_id(text: &str) -> Result<BatchId, CallError> {
    text.parse()
        .map(BatchId)
        .map_err(|_no_uuid| CallError::Broken("stock: the batch has no key".to_owned()))
}
