//! A gRPC server with everything around its services.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use http::Request;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::server::{Connected, TcpIncoming};
use tower::Service;
use tracing::{debug, warn};

use crate::call::CallLayer;
use crate::metrics::RpcMetrics;
use crate::{Credentials, Gate, Mesh};

/// Calls that are still running this long after shutdown began are cut off.
const DRAIN: Duration = Duration::from_secs(20);
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Callers that take longer to show who they are are strangers.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// So many may be at it at once.
const HANDSHAKES: usize = 1024;
/// Before the next connection is taken after one could not be.
const PAUSE: Duration = Duration::from_millis(50);

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

    /// Serves until `shutdown` is cancelled, then lets running calls finish. In a
    /// secured mesh only who shows a certificate of its authority gets through.
    pub async fn serve(
        self,
        listener: TcpListener,
        mesh: &Mesh,
        shutdown: CancellationToken,
    ) -> Result<(), tonic::transport::Error> {
        let callers = TcpIncoming::from(listener).with_nodelay(Some(true));
        match mesh {
            Mesh::Clear => self.serve_callers(callers, shutdown).await,
            Mesh::Secured(credentials) => {
                let callers = secured(callers, credentials.clone());
                self.serve_callers(callers, shutdown).await
            }
        }
    }

    async fn serve_callers<C>(
        mut self,
        callers: impl Stream<Item = io::Result<C>>,
        shutdown: CancellationToken,
    ) -> Result<(), tonic::transport::Error>
    where
        C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
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
            .serve_with_incoming_shutdown(callers, async move {
                stopping.cancelled().await;
                health
                    .set_service_status("", tonic_health::ServingStatus::NotServing)
                    .await;
            });
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

/// Callers who have shown who they are. They do so beside each other, so that one
/// who is slow, or says nothing, keeps nobody waiting.
fn secured(
    callers: impl Stream<Item = io::Result<TcpStream>>,
    credentials: Credentials,
) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    callers
        .map(move |caller| handshake(caller, credentials.clone()))
        .buffer_unordered(HANDSHAKES)
        .filter_map(|caller| std::future::ready(caller.map(Ok)))
}

async fn handshake(
    caller: io::Result<TcpStream>,
    credentials: Credentials,
) -> Option<TlsStream<TcpStream>> {
    let caller = match caller {
        Ok(caller) => caller,
        Err(error) => {
            debug!(%error, "a connection could not be taken");
            sleep(PAUSE).await;
            return None;
        }
    };
    let acceptor = TlsAcceptor::from(credentials.ends().server);
    match timeout(HANDSHAKE, acceptor.accept(caller)).await {
        Ok(Ok(secured)) => Some(secured),
        Ok(Err(error)) => {
            debug!(%error, "a caller without a certificate of the mesh");
            None
        }
        Err(_elapsed) => {
            debug!("a caller said nothing");
            None
        }
    }
}

async fn drained(shutdown: CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(DRAIN).await;
}
