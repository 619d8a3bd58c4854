//! Wiring: builds everything below, and serves it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_identity::Guard;
use demeter_proto::stock::v1::{
    batch_service_server::BatchServiceServer, catalog_service_server::CatalogServiceServer,
    configuration_service_server::ConfigurationServiceServer,
    location_service_server::LocationServiceServer, movement_service_server::MovementServiceServer,
};
use demeter_telemetry::{Ops, Readiness};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::beds::usecase::Beds;
use crate::catalog::usecase::Catalog;
use crate::config::Config;
use crate::database::Store;
use crate::exchange::usecase::Exchange;
use crate::grpc::metrics::Operations;
use crate::ledger::usecase::Ledger;
use crate::migration::Migrator;
use crate::{beds, catalog, ledger, reports};

/// The PostgreSQL schema of our tables.
pub(crate) const SCHEMA: &str = "stock";

/// An import of a large nursery is larger than gRPC's usual 4 MiB.
const MAX_IMPORT_BYTES: usize = 56 * 1024 * 1024;

/// A stock service that is listening.
pub struct App {
    grpc: TcpListener,
    grpc_addr: SocketAddr,
    ops: TcpListener,
    ops_addr: SocketAddr,
    server: demeter_grpc::Server,
    operators: Ops,
}

/// Brings the tables up to date.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    demeter_db::migrate::<Migrator>(&config.database, SCHEMA)
        .await
        .context("cannot migrate the stock database")
}

// === impl App ===

impl App {
    /// Opens the database and both ports. The tables must be there.
    pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let Config {
            listen,
            ops_listen,
            database,
            identity_public_key,
            telemetry: _,
        } = config;
        let connection = demeter_db::open(&database, SCHEMA)
            .await
            .context("cannot open the stock database")?;
        let store = Store::new(connection);
        let guard_clock = clock.clone();
        let guard = Guard::new(
            &identity_public_key,
            demeter_proto::DESCRIPTOR_SET,
            move || guard_clock.now(),
        )
        .context("IDENTITY_PUBLIC_KEY")?;
        let mut registry = Registry::default();
        let operations = Operations::register(&mut registry);
        let exchange = Exchange::new(store.clone(), clock.clone());
        let catalog = Catalog::new(store.clone());
        let beds = Beds::new(store.clone(), clock.clone());
        let ledger =
            ledger::api::Api::new(Ledger::new(store.clone(), clock, ids), operations.clone());
        let locations = reports::api::Api::new(store.clone(), exchange, operations.clone());
        let server = demeter_grpc::Server::new(
            demeter_proto::DESCRIPTOR_SET,
            Arc::new(guard.gate()),
            &mut registry,
        )
        .add(LocationServiceServer::new(locations).max_decoding_message_size(MAX_IMPORT_BYTES))
        .add(CatalogServiceServer::new(catalog::api::Api::new(
            catalog,
            operations.clone(),
        )))
        .add(ConfigurationServiceServer::new(beds::api::Api::new(
            beds, operations,
        )))
        .add(BatchServiceServer::new(ledger.clone()))
        .add(MovementServiceServer::new(ledger));
        let (grpc, grpc_addr) = bind(listen).await?;
        let (ops, ops_addr) = bind(ops_listen).await?;
        Ok(Self {
            grpc,
            grpc_addr,
            ops,
            ops_addr,
            server,
            operators: Ops::new(registry, readiness(store)),
        })
    }

    /// Where gRPC is served.
    pub const fn grpc_addr(&self) -> SocketAddr {
        self.grpc_addr
    }

    /// Where metrics and health are served.
    pub const fn ops_addr(&self) -> SocketAddr {
        self.ops_addr
    }

    /// Serves until `shutdown` is cancelled, then lets running calls finish.
    pub async fn serve(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self {
            grpc,
            ops,
            server,
            operators,
            grpc_addr: _,
            ops_addr: _,
        } = self;
        let (grpc, ops) = tokio::join!(
            server.serve(grpc, shutdown.clone()),
            operators.serve(ops, shutdown.clone())
        );
        grpc.context("the gRPC server failed")?;
        ops.context("the operators' server failed")
    }
}

async fn bind(at: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(at)
        .await
        .with_context(|| format!("cannot listen on {at}"))?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

fn readiness(store: Store) -> Readiness {
    let readiness = Readiness::default();
    readiness.check("database", move || {
        let store = store.clone();
        async move { store.ping().await.map_err(|error| error.to_string()) }
    });
    readiness
}
