//! The inference service.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use demeter_proto::inference::v1 as pb;
use demeter_proto::inference::v1::inference_service_client::InferenceServiceClient;
use tonic::transport::Channel;

use super::ServiceIdentity;
use super::status::{call_error, is_unauthenticated};
use crate::ports::{CallError, Count, Detection, Estimate, Inference, Model, Parameters, Range};

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
        let request = demeter_grpc::outgoing(message, &biscuit, self.timeout);
        let mut client = InferenceServiceClient::new(self.channel.clone())
            .max_encoding_message_size(MAX_MESSAGE)
            .max_decoding_message_size(MAX_MESSAGE);
        match client.count_plants(request).await {
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
    let detections: Vec<_> = detections.into_iter().filter_map(detection).collect();
    Count {
        estimate: estimate.map_or_else(|| boxes(&detections), self::estimate),
        detections,
        model: model.map(self::model).unwrap_or_default(),
        parameters: parameters.map(self::parameters).unwrap_or_default(),
    }
}

fn estimate(estimate: pb::Estimate) -> Estimate {
    let pb::Estimate {
        plants,
        plants_low,
        plants_high,
        boxes,
    } = estimate;
    Estimate {
        plants: plants.max(0),
        range: Range::of(plants_low, plants_high),
        boxes: boxes.max(0),
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

/// A plant without a box cannot be shown, and does not come.
fn detection(found: pb::Detection) -> Option<Detection> {
    let pb::Detection {
        r#box,
        confidence,
        label,
    } = found;
    let pb::Box {
        x_min,
        y_min,
        x_max,
        y_max,
    } = r#box?;
    Some(Detection {
        x_min,
        y_min,
        x_max,
        y_max,
        confidence,
        label,
    })
}

fn model(model: pb::Model) -> Model {
    let pb::Model {
        name,
        version,
        task,
        classes,
        sha256,
        calibrated,
    } = model;
    Model {
        name,
        version,
        task,
        classes,
        sha256,
        calibrated,
    }
}

fn parameters(parameters: pb::DetectionParameters) -> Parameters {
    let pb::DetectionParameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search,
    } = parameters;
    Parameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search,
    }
}
