//! Wiring: from settings to two listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_grpc::{Gate, Server};
use demeter_identity::{Guard, Issuer, Policy};
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::auth::v1::service_token_service_server::ServiceTokenServiceServer;
use demeter_proto::auth::v1::session_service_server::SessionServiceServer;
use demeter_proto::auth::v1::user_service_server::UserServiceServer;
use demeter_telemetry::{Ops, Readiness};
use envoy_types::pb::envoy::service::auth::v3::authorization_server::AuthorizationServer;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::api::{AUTHORIZATION_SERVICE, Api, jwks};
use crate::config::Config;
use crate::hashing::Hasher;
use crate::metrics::Metrics;
use crate::store::{SCHEMA, Store, StoreError};
use crate::token::Signer;
use crate::usecase::Auth;

/// How often what is over is forgotten.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// The auth service, bound and ready to serve.
pub struct App {
    auth: Arc<Auth>,
    server: Server,
    ops: Ops,
    grpc_listener: TcpListener,
    ops_listener: TcpListener,
    grpc_addr: SocketAddr,
    ops_addr: SocketAddr,
}

// === impl App ===

impl App {
    /// Connects and binds both ports; port 0 picks a free one. The tables must
    /// have been migrated.
    pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let grpc_listener = bind(config.listen).await?;
        let ops_listener = bind(config.ops_listen).await?;
        let auth = Arc::new(auth(config, clock.clone(), ids).await?);
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        let api = Api::new(Arc::clone(&auth), metrics);
        let server = Server::new(DESCRIPTOR_SET, gate(&auth.issuer, clock)?, &mut registry)
            .add(SessionServiceServer::new(api.clone()))
            .add(UserServiceServer::new(api.clone()))
            .add(ServiceTokenServiceServer::new(api.clone()))
            .add(AuthorizationServer::new(api));
        let ops = Ops::new(registry, readiness(&auth.store))
            .route("/.well-known/jwks.json", jwks(auth.signer.jwks()));
        let (grpc_addr, ops_addr) = (grpc_listener.local_addr()?, ops_listener.local_addr()?);
        Ok(Self {
            auth,
            server,
            ops,
            grpc_listener,
            ops_listener,
            grpc_addr,
            ops_addr,
        })
    }

    /// Where gRPC is served.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.grpc_addr
    }

    /// Where metrics, health and the JWKS are served.
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops_addr
    }

    /// Serves until cancelled, then lets running calls finish.
    pub async fn serve(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self {
            auth,
            server,
            ops,
            grpc_listener,
            ops_listener,
            grpc_addr,
            ops_addr,
        } = self;
        info!(grpc.address = %grpc_addr, ops.address = %ops_addr, "auth serves");
        let tasks = TaskTracker::new();
        tasks.spawn(purge(auth, shutdown.clone()));
        // One that stops early takes the other with it.
        let stop = shutdown.drop_guard_ref();
        let outcome = tokio::try_join!(
            async {
                server
                    .serve(grpc_listener, shutdown.clone())
                    .await
                    .context("the gRPC port")
            },
            async {
                ops.serve(ops_listener, shutdown.clone())
                    .await
                    .context("the ops port")
            },
        );
        drop(stop);
        tasks.close();
        tasks.wait().await;
        outcome.map(drop)
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

async fn auth(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Auth> {
    let connection = demeter_db::open(&config.database, SCHEMA).await?;
    Ok(Auth {
        store: Store::new(connection),
        hasher: tokio::task::spawn_blocking(Hasher::new).await??,
        signer: Signer::new(config.tokens, &config.jwt_private_key)
            .context("AUTH_JWT_PRIVATE_KEY")?,
        issuer: Issuer::from_private_key(&config.identity_private_key)
            .context("IDENTITY_PRIVATE_KEY")?,
        policy: Policy::from_descriptor_set(DESCRIPTOR_SET)?,
        clients: config.clients,
        session_lifetime: config.session_lifetime,
        clock,
        ids,
    })
}

/// The gate of every service, with one door more: the gateway has no identity
/// when it asks for one. Whoever reaches this port can ask too, and learns
/// nothing without a session's two ids; keep it inside the mesh.
fn gate(issuer: &Issuer, clock: Clock) -> anyhow::Result<Gate> {
    let guard = Guard::new(&issuer.public_key(), DESCRIPTOR_SET, move || clock.now())?;
    let admit = guard.gate();
    Ok(Arc::new(move |parts: &mut _| {
        let parts: &mut http::request::Parts = parts;
        if parts.uri.path().starts_with(AUTHORIZATION_SERVICE) {
            Ok(())
        } else {
            admit(parts)
        }
    }))
}

fn readiness(store: &Store) -> Readiness {
    let readiness = Readiness::default();
    let store = store.clone();
    readiness.check("database", move || {
        let store = store.clone();
        async move {
            store.check().await.map_err(|error| match error {
                StoreError::Refused(_) => {
                    "the tables are missing; run `demeter migrate`".to_owned()
                }
                error => error.to_string(),
            })
        }
    });
    readiness
}

async fn purge(auth: Arc<Auth>, shutdown: CancellationToken) {
    let mut timer = tokio::time::interval(PURGE_EVERY);
    while shutdown.run_until_cancelled(timer.tick()).await.is_some() {
        match auth.purge().await {
            Ok(rows) => info!(db.rows = rows, "forgot what is over"),
            Err(error) => warn!(
                error = &error as &dyn std::error::Error,
                "cannot forget what is over"
            ),
        }
    }
}
