//! What the service is made of.

use std::sync::Arc;

use demeter_clock::{Clock, Ids};
use demeter_grpc::Server;
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::inference::v1::inference_service_server::InferenceServiceServer;
use demeter_service::{Frame, Readiness, Service};
use tokio::sync::watch;
use tracing::info;

use crate::api::InferenceApi;
use crate::config::Config;
use crate::engine::{Engine, LoadError, Loaded, load};
use crate::metrics::Metrics;
use crate::usecase::CountPlants;

/// A photo of 50 MiB and what surrounds it in a message.
const LARGEST_REQUEST: usize = (50 << 20) + (64 << 10);

/// Takes the ports and loads the model, which warms up in the background: until
/// then the service is not ready.
pub async fn build(config: Config, clock: Clock, _ids: Ids) -> anyhow::Result<Service> {
    let mut frame = Frame::bind(&config.service).await?;
    let gate = demeter_service::gate(&config.identity_public_key, &clock)?;
    let Config {
        weights,
        device,
        limits,
        parameters,
        ..
    } = config;
    let loading = tokio::task::spawn_blocking(move || load(weights.as_deref(), device));
    let loaded = told(loading.await?)?;
    let calibration = loaded.calibration.clone();
    let metrics = Metrics::register(frame.registry());
    let (engine, thread) = Engine::start(loaded, limits, parameters, metrics.clone())?;
    watch_model(frame.needs(), engine.ready());
    // It ends with the engine, which the server holds: not before.
    frame.worker("model", async move {
        Ok(tokio::task::spawn_blocking(move || thread.join()).await??)
    });
    let counting = CountPlants::new(Arc::new(engine), parameters, calibration);
    let api = InferenceServiceServer::new(InferenceApi::new(counting, metrics))
        .max_decoding_message_size(LARGEST_REQUEST)
        .max_encoding_message_size(LARGEST_REQUEST);
    let server = Server::new(DESCRIPTOR_SET, gate, frame.registry()).add(api);
    Ok(frame.serving(server))
}

/// The model, told to the log, or the variable that names a wrong one.
fn told(loaded: Result<Loaded, LoadError>) -> anyhow::Result<Loaded> {
    let loaded = loaded.map_err(|error| {
        let variable = match &error {
            LoadError::Device(_) => "INFERENCE_DEVICE",
            LoadError::Unreadable(..) | LoadError::Unusable(..) | LoadError::Calibration(..) => {
                "INFERENCE_WEIGHTS"
            }
        };
        anyhow::Error::new(error).context(variable)
    })?;
    info!(
        model.name = loaded.card.name,
        model.version = loaded.card.version,
        model.calibrated = loaded.calibration.is_some(),
        model.device = ?loaded.model.device().location(),
        "model loaded"
    );
    Ok(loaded)
}

fn watch_model(readiness: &Readiness, ready: watch::Receiver<bool>) {
    readiness.check("model", move || {
        let warm = *ready.borrow();
        async move {
            if warm {
                Ok(())
            } else {
                Err("warming up".to_owned())
            }
        }
    });
}
