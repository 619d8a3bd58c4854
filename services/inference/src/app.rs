//! The order of life: load, bind, serve, drain.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_grpc::Server;
use demeter_identity::Guard;
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::inference::v1::inference_service_server::InferenceServiceServer;
use demeter_telemetry::{Ops, Readiness};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::api::InferenceApi;
use crate::config::Config;
use crate::engine::{Engine, LoadError, Running, load};
use crate::metrics::Metrics;
use crate::usecase::CountPlants;

/// A photo of 50 MiB and what surrounds it in a message.
const LARGEST_REQUEST: usize = (50 << 20) + (64 << 10);

/// The service, its ports bound, its model warming up.
pub struct App {
    grpc: TcpListener,
    ops: TcpListener,
    grpc_addr: SocketAddr,
    ops_addr: SocketAddr,
    server: Server,
    operators: Ops,
    model_thread: Running,
}

// === impl App ===

impl App {
    /// Loads the model and binds both ports. The model warms up in the background:
    /// until then the service is not ready.
    pub async fn build(config: Config, clock: Clock, _ids: Ids) -> anyhow::Result<Self> {
        let Config {
            listen,
            ops_listen,
            identity_public_key,
            weights,
            device,
            limits,
            parameters,
        } = config;
        let guard = Guard::new(&identity_public_key, DESCRIPTOR_SET, move || clock.now())
            .context("IDENTITY_PUBLIC_KEY")?;
        let loading = tokio::task::spawn_blocking(move || load(weights.as_deref(), device));
        let loaded = loading.await?.map_err(|error| {
            let variable = match &error {
                LoadError::Device(_) => "INFERENCE_DEVICE",
                LoadError::Unreadable(..) | LoadError::Unusable(..) => "INFERENCE_WEIGHTS",
            };
            anyhow::Error::new(error).context(variable)
        })?;
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        info!(
            model.name = loaded.card.name,
            model.version = loaded.card.version,
            model.device = ?loaded.model.device().location(),
            "model loaded"
        );
        let (engine, model_thread) = Engine::start(loaded, limits, parameters, metrics.clone())?;
        let readiness = Readiness::default();
        watch_model(&readiness, engine.ready());
        let counting = CountPlants::new(Arc::new(engine), parameters);
        let api = InferenceServiceServer::new(InferenceApi::new(counting, metrics))
            .max_decoding_message_size(LARGEST_REQUEST)
            .max_encoding_message_size(LARGEST_REQUEST);
        let gate = Arc::new(guard.gate());
        let server = Server::new(DESCRIPTOR_SET, gate, &mut registry).add(api);
        let grpc = bind(listen).await?;
        let ops = bind(ops_listen).await?;
        Ok(Self {
            grpc_addr: grpc.local_addr()?,
            ops_addr: ops.local_addr()?,
            grpc,
            ops,
            server,
            operators: Ops::new(registry, readiness),
            model_thread,
        })
    }

    /// Where gRPC is served.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.grpc_addr
    }

    /// Where metrics and health are served.
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops_addr
    }

    /// Serves until `shutdown` is cancelled; calls that run are finished, then the
    /// model's thread.
    pub async fn serve(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self {
            grpc,
            ops,
            grpc_addr,
            ops_addr,
            server,
            operators,
            model_thread,
        } = self;
        info!(grpc = %grpc_addr, ops = %ops_addr, "serving");
        let served = tokio::try_join!(
            async { server.serve(grpc, shutdown.clone()).await.context("gRPC") },
            async { operators.serve(ops, shutdown.clone()).await.context("ops") },
        );
        // Both servers are gone, and the engine with them: the thread ends.
        tokio::task::spawn_blocking(move || model_thread.join()).await?;
        served.map(|_both| ())
    }
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

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("cannot listen on {address}"))
}
