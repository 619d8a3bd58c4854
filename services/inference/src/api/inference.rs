//! `demeter.inference.v1.InferenceService`.

use demeter_proto::inference::v1 as pb;
use demeter_proto::inference::v1::inference_service_server::InferenceService;
use tonic::{Request, Response, Status};
use tracing::info;

use super::{convert, status};
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::usecase::CountPlants;

/// Answers the RPCs.
#[derive(Debug)]
pub(crate) struct InferenceApi {
    counting: CountPlants<Engine>,
    metrics: Metrics,
}

// === impl InferenceApi ===

impl InferenceApi {
    /// Answers with this use case.
    pub(crate) fn new(counting: CountPlants<Engine>, metrics: Metrics) -> Self {
        Self { counting, metrics }
    }
}

#[tonic::async_trait]
impl InferenceService for InferenceApi {
    async fn count_plants(
        &self,
        request: Request<pb::CountPlantsRequest>,
    ) -> Result<Response<pb::CountPlantsResponse>, Status> {
        let pb::CountPlantsRequest { image, parameters } = request.into_inner();
        let parameters = convert::parameters(parameters, self.counting.defaults());
        let parameters = parameters.map_err(|refused| status::out_of_range(&refused))?;
        let counted = self.counting.count(image, parameters).await;
        let counted = counted.map_err(|failure| status::not_counted(&failure))?;
        self.metrics.found(&counted.detections);
        info!(
            plants = counted.estimate.plants,
            boxes = counted.estimate.boxes,
            windows = counted.window_count,
            "counted"
        );
        let response = convert::response(counted, self.counting.model());
        Ok(Response::new(response))
    }

    async fn list_models(
        &self,
        _request: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        let models = vec![convert::card(self.counting.model())];
        Ok(Response::new(pb::ListModelsResponse { models }))
    }
}
