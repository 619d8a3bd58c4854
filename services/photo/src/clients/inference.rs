//! The inference service.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use demeter_grpc::Channel;
use demeter_proto::inference::v1 as pb;
use demeter_proto::inference::v1::inference_service_client::InferenceServiceClient;

use super::status::{call_error, is_unauthenticated, twice};
use super::{ServiceIdentity, contract};
use crate::ports::{CallError, Count, Detection, Estimate, Inference, Model, Parameters};

/// A photo of 20 MB goes out; a bed with thousands of plants comes back.
const MAX_MESSAGE: usize = 64 << 20;
const COUNT: &str = "/demeter.inference.v1.InferenceService/CountPlants";

/// Calls inference.
pub struct InferenceClient {
    channel: Channel,
    identity: Arc<ServiceIdentity>,
    timeout: Duration,
}

// === impl InferenceClient ===

impl InferenceClient {
    /// Over a channel that connects when it is used. A count may take `timeout`.
    pub fn new(channel: Channel, identity: Arc<ServiceIdentity>, timeout: Duration) -> Self {
        Self {
            channel,
            identity,
            timeout,
        }
    }
}

#[async_trait]
impl Inference for InferenceClient {
    async fn count_plants(&self, image: Bytes) -> Result<Count, CallError> {
        let biscuit = self.identity.biscuit_for(COUNT).await?;
        let message = pb::CountPlantsRequest {
            image,
            parameters: None,
        };
        let answer = twice(|| {
            // The picture is shared, not copied.
            let request = demeter_grpc::outgoing(message.clone(), &biscuit, self.timeout);
            let mut client = InferenceServiceClient::new(self.channel.clone())
                .max_encoding_message_size(MAX_MESSAGE)
                .max_decoding_message_size(MAX_MESSAGE);
            async move { client.count_plants(request).await }
        });
        match answer.await {
            Ok(answer) => Ok(count(answer.into_inner())),
            Err(status) => {
                if is_unauthenticated(&status) {
                    self.identity.forget().await;
                }
                Err(call_error("inference", &status))
            }
        }
    }
}

fn count(answer: pb::CountPlantsResponse) -> Count {
    let pb::CountPlantsResponse {
        detections,
        width_px: _,
        height_px: _,
        tile_count: _,
        model,
        parameters,
        estimate,
    } = answer;
    let detections: Vec<_> = detections
        .into_iter()
        .filter_map(contract::detection)
        .collect();
    Count {
        estimate: estimate.map_or_else(|| boxes(&detections), Estimate::from),
        detections,
        model: model.map(Model::from).unwrap_or_default(),
        parameters: parameters.map(Parameters::from).unwrap_or_default(),
    }
}

/// What an inference service of an earlier version says.
fn boxes(detections: &[Detection]) -> Estimate {
    let boxes = i32::try_from(detections.len()).unwrap_or(i32::MAX);
    Estimate {
        plants: boxes,
        range: None,
        boxes,
    }
}
