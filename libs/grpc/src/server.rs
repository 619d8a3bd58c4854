//! A gRPC server with everything around its services.

use std::convert::Infallible;
use std::time::Duration;

use http::Request;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tower::Service;
use tracing::warn;

use crate::Gate;
use crate::call::CallLayer;
use crate::metrics::RpcMetrics;

/// Calls that are still running this long after shutdown began are cut off.
const DRAIN: Duration = Duration::from_secs(20);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A server to which services are added before it serves.
pub struct Server {
    routes: RoutesBuilder,
    layer: CallLayer,
    descriptor_set: &'static [u8],
    has_reflection: bool,
}

// === impl Server ===

impl Server {
    /// A server without services. `descriptor_set` is what reflection shows;
    /// `registry` receives the RPC metrics.
    pub fn new(descriptor_set: &'static [u8], gate: Gate, registry: &mut Registry) -> Self {
        let metrics = RpcMetrics::register(descriptor_set, registry);
        Self {
            routes: RoutesBuilder::default(),
            layer: CallLayer { gate, metrics },
            descriptor_set,
            has_reflection: true,
        }
    }

    /// Whether to show the contract to whoever the gate lets in; it is shown unless
    /// this says no.
    #[must_use]
    pub fn reflection(mut self, is_on: bool) -> Self {
        self.has_reflection = is_on;
        self
    }

    /// Adds a service.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "the builder's verb; nothing is summed"
    )]
    pub fn add<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self
    }

    /// Serves until `shutdown` is cancelled, then lets running calls finish.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> Result<(), tonic::transport::Error> {
        let (health, health_service) = tonic_health::server::health_reporter();
        health
            .set_service_status("", tonic_health::ServingStatus::Serving)
            .await;
        self.routes.add_service(health_service);
        if self.has_reflection {
            self.add_reflection();
        }
        let stopping = shutdown.clone();
        let served = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE))
            .layer(self.layer)
            .add_routes(self.routes.routes())
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                async move {
                    stopping.cancelled().await;
                    health
                        .set_service_status("", tonic_health::ServingStatus::NotServing)
                        .await;
                },
            );
        tokio::select! {
            outcome = served => outcome,
            () = drained(shutdown) => {
                warn!("calls were cut off at shutdown");
                Ok(())
            }
        }
    }

    /// Both versions: older clients ask for v1alpha only.
    fn add_reflection(&mut self) {
        let builder = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(self.descriptor_set)
        };
        match (builder().build_v1(), builder().build_v1alpha()) {
            (Ok(v1), Ok(v1alpha)) => {
                self.routes.add_service(v1);
                self.routes.add_service(v1alpha);
            }
            (Err(error), _) | (_, Err(error)) => warn!(%error, "reflection is off"),
        }
    }
}

async fn drained(shutdown: CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(DRAIN).await;
}
