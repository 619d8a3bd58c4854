//! From what a service is made of to a service that serves and ends.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::MethodRouter;
use demeter_grpc::{Mesh, Server};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use prometheus_client::registry::Registry;
use sea_orm::DatabaseConnection;
use sea_orm_migration::MigratorTrait;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::parts::{Part, Parts};
use crate::{Handle, Readiness, Settings, ops};

/// Calls and workers that run on this long after the end was asked for are cut
/// off. Kubernetes waits 40 s.
const DRAIN: Duration = Duration::from_secs(25);
/// The same after a fault: callers are better off at another process.
const DRAIN_AFTER_FAULT: Duration = Duration::from_millis(200);
/// What closing the port of operators may take, and the rest that comes last.
const CLOSING: Duration = Duration::from_secs(3);
const CLOSING_AFTER_FAULT: Duration = Duration::from_millis(100);

/// A service that is being put together; its ports are taken already.
pub struct Frame {
    name: &'static str,
    grpc: Port,
    ops: Port,
    reflection: bool,
    mesh: Mesh,
    registry: Registry,
    readiness: Readiness,
    pages: Router,
    workers: Vec<Part>,
    last: Vec<BoxFuture<'static, ()>>,
    /// Cancelled when the service shall take no more work.
    stopping: CancellationToken,
}

/// A service that can serve.
pub struct Service {
    name: &'static str,
    grpc_addr: SocketAddr,
    ops_addr: SocketAddr,
    /// Servers and workers: what has to run for the service to be one.
    parts: Vec<Part>,
    /// Shows metrics and health until the very end.
    ops: Part,
    readiness: Readiness,
    last: Vec<BoxFuture<'static, ()>>,
    stopping: CancellationToken,
    ops_stopping: CancellationToken,
}

struct Port {
    listener: TcpListener,
    address: SocketAddr,
}

// === impl Frame ===

impl Frame {
    /// Takes both ports, so that a taken one is told before anything else is
    /// done; port 0 takes a free one.
    pub async fn bind(settings: &Settings) -> anyhow::Result<Self> {
        if matches!(settings.mesh, Mesh::Clear) {
            warn!(
                service = settings.name,
                "calls are in the clear and from anyone, as MESH_TLS=off asks: for development only"
            );
        }
        Ok(Self {
            name: settings.name,
            grpc: Port::bind(settings.listen).await?,
            ops: Port::bind(settings.ops_listen).await?,
            reflection: settings.reflection,
            mesh: settings.mesh.clone(),
            registry: Registry::default(),
            readiness: Readiness::default(),
            pages: Router::new(),
            workers: Vec::new(),
            last: Vec::new(),
            stopping: CancellationToken::new(),
        })
    }

    /// Where metrics are registered.
    pub fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// What the service cannot work without.
    pub fn needs(&self) -> &Readiness {
        &self.readiness
    }

    /// It cannot work without its own tables, at least as new as itself.
    pub fn needs_tables<M: MigratorTrait>(
        &self,
        connection: &DatabaseConnection,
        schema: &'static str,
    ) {
        let connection = connection.clone();
        self.readiness.check("database", move || {
            let connection = connection.clone();
            async move {
                let checked = demeter_db::check_migrated::<M>(&connection, schema).await;
                checked.map_err(|error| error.to_string())
            }
        });
    }

    /// Cancelled when workers shall finish what they do and end.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Adds what the service does beside answering. It has to run until
    /// [`Frame::stopping`]: when it ends earlier, the service ends with it.
    pub fn worker<F>(&mut self, name: &str, work: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.workers.push(Part::new(format!("worker {name}"), work));
    }

    /// Adds a page to the port of operators.
    pub fn page(&mut self, path: &str, method: MethodRouter) {
        let pages = std::mem::take(&mut self.pages);
        self.pages = pages.route(path, method);
    }

    /// Adds what is closed when nothing runs any more.
    pub fn last(&mut self, close: impl Future<Output = ()> + Send + 'static) {
        self.last.push(close.boxed());
    }

    /// The service is whole: these are its RPCs.
    pub fn serving(self, server: Server) -> Service {
        let Self {
            name,
            grpc,
            ops,
            reflection,
            mesh,
            registry,
            readiness,
            pages,
            workers,
            last,
            stopping,
        } = self;
        let ops_stopping = CancellationToken::new();
        let server = server.reflection(reflection);
        let shutdown = stopping.clone();
        let calls = async move { server.serve(grpc.listener, &mesh, shutdown).await };
        let router = ops::router(registry, readiness.clone()).merge(pages);
        let pages = axum::serve(ops.listener, router)
            .with_graceful_shutdown(ops_stopping.clone().cancelled_owned());
        let mut parts = vec![Part::new("gRPC server", async { Ok(calls.await?) })];
        parts.extend(workers);
        Service {
            name,
            grpc_addr: grpc.address,
            ops_addr: ops.address,
            parts,
            ops: Part::new("ops server", async { Ok(pages.await?) }),
            readiness,
            last,
            stopping,
            ops_stopping,
        }
    }
}

// === impl Service ===

impl Service {
    /// Where gRPC is served.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.grpc_addr
    }

    /// Where metrics and health are served.
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops_addr
    }

    /// A hand on its parts.
    pub fn handle(&self) -> Handle {
        let parts = self.parts.iter().chain([&self.ops]);
        Handle::new(parts.map(|part| (part.name.clone(), part.kill.clone())))
    }

    /// Serves until `shutdown`, then ends in this order: it is no longer ready;
    /// running calls and workers finish; the port of operators closes; the rest.
    ///
    /// When a server or worker ends before that, all of it ends within a second,
    /// with an error that names the part.
    pub async fn serve(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self {
            name,
            grpc_addr,
            ops_addr,
            parts,
            ops,
            readiness,
            last,
            stopping,
            ops_stopping,
        } = self;
        let (mut working, mut watching) = (Parts::default(), Parts::default());
        for part in parts {
            working.start(part);
        }
        watching.start(ops);
        info!(service = name, grpc = %grpc_addr, ops = %ops_addr, "serving");
        let fault = tokio::select! {
            () = shutdown.cancelled() => None,
            error = working.first_end() => Some(error),
            error = watching.first_end() => Some(error),
        };
        let (drain, closing) = match &fault {
            None => (DRAIN, CLOSING),
            Some(_) => (DRAIN_AFTER_FAULT, CLOSING_AFTER_FAULT),
        };
        readiness.stop();
        stopping.cancel();
        let worked = working.finish(drain).await;
        ops_stopping.cancel();
        let watched = watching.finish(closing).await;
        let last = futures::future::join_all(last);
        if tokio::time::timeout(closing, last).await.is_err() {
            warn!(service = name, "not everything was closed");
        }
        let outcome = fault.map_or(Ok(()), Err).and(worked).and(watched);
        outcome.with_context(|| name)
    }
}

// === impl Port ===

impl Port {
    async fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}
