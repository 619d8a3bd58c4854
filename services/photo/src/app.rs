//! Puts the service together and runs it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_grpc::Gate;
use demeter_identity::Guard;
use demeter_objects::Objects;
use demeter_proto::photo::v1::photo_service_server::PhotoServiceServer;
use demeter_proto::photo::v1::processing_service_server::ProcessingServiceServer;
use demeter_telemetry::{Ops, Readiness};
use demeter_wakeup::Wakeup;
use prometheus_client::registry::Registry;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::clients::{InferenceClient, ServiceIdentity, StockClient};
use crate::config::Config;
use crate::database::Store;
use crate::gallery::PhotosApi;
use crate::housekeeping::sweep;
use crate::metrics::Metrics;
use crate::migration::Migrator;
use crate::pictures::Pictures;
use crate::ports::{Inference, Stock};
use crate::processing::ProcessingApi;
use crate::processing::store::{leases, sessions};
use crate::processing::usecase::{Processor, Steering};
use crate::processing::worker::Worker;
use crate::uploads::usecase::Uploads;

/// The PostgreSQL schema of this service's tables.
const SCHEMA: &str = "photo";
/// How often metrics of the database are read.
const GAUGES_EVERY: Duration = Duration::from_secs(15);
/// Sweeps happen once in so many readings.
const SWEEP_EVERY: u64 = 40;

/// The service, with both its ports bound.
pub struct App {
    grpc: TcpListener,
    ops: TcpListener,
    server: demeter_grpc::Server,
    ops_routes: Ops,
    workers: Vec<Worker>,
    housekeeping: Housekeeping,
    wakeup: Wakeup,
    grpc_addr: SocketAddr,
    ops_addr: SocketAddr,
}

/// The other services.
pub struct Neighbours {
    /// Locates, and keeps the ledger.
    pub stock: Arc<dyn Stock>,
    /// Counts.
    pub inference: Arc<dyn Inference>,
}

struct Housekeeping {
    store: Store,
    pictures: Pictures,
    metrics: Metrics,
    clock: Clock,
}

/// Brings the photo database up to date.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    demeter_db::migrate::<Migrator>(&config.database, SCHEMA)
        .await
        .context("cannot migrate the photo database")
}

// === impl App ===

impl App {
    /// Connects everything and binds both ports; nothing is served yet.
    pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Self> {
        let neighbours = Neighbours::over_grpc(&config, &clock)?;
        Self::build_beside(config, clock, ids, neighbours).await
    }

    /// The same beside other neighbours.
    pub async fn build_beside(
        config: Config,
        clock: Clock,
        ids: Ids,
        neighbours: Neighbours,
    ) -> anyhow::Result<Self> {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        let store = Store::new(
            demeter_db::open(&config.database, SCHEMA).await?,
            config.checkpoints.clone(),
        );
        store
            .healthy()
            .await
            .context("the photo database is not usable; `demeter migrate` makes its tables")?;
        let objects = Objects::open(&config.objects)?;
        let wakeup = wakeup(&config).await?;
        let parts = Parts {
            pictures: Pictures::new(objects.clone(), metrics.clone(), config.checkpoints.clone()),
            decoders: Arc::new(Semaphore::new(config.decoders)),
            neighbours,
            store,
            wakeup,
            clock,
            metrics,
        };
        let server = demeter_grpc::Server::new(
            demeter_proto::DESCRIPTOR_SET,
            gate(&config, &parts.clock)?,
            &mut registry,
        )
        .add(PhotoServiceServer::new(parts.photos(&config, ids.clone())))
        .add(ProcessingServiceServer::new(parts.processing()));
        let grpc = TcpListener::bind(config.listen).await?;
        let ops = TcpListener::bind(config.ops_listen).await?;
        Ok(Self {
            grpc_addr: grpc.local_addr()?,
            ops_addr: ops.local_addr()?,
            grpc,
            ops,
            server,
            ops_routes: Ops::new(registry, parts.readiness(objects)),
            workers: parts.workers(&config, &ids).await?,
            housekeeping: parts.housekeeping(),
            wakeup: parts.wakeup,
        })
    }

    /// Where gRPC listens.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.grpc_addr
    }

    /// Where metrics and health listen.
    pub fn ops_addr(&self) -> SocketAddr {
        self.ops_addr
    }

    /// Serves and works until `shutdown`; then finishes running calls, and the
    /// workers give their leases back.
    pub async fn serve(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let tasks = TaskTracker::new();
        for worker in self.workers {
            tasks.spawn(worker.run(shutdown.clone()));
        }
        tasks.spawn(self.housekeeping.run(shutdown.clone()));
        tasks.close();
        info!(grpc = %self.grpc_addr, ops = %self.ops_addr, "photo is serving");
        let grpc = async {
            let served = self.server.serve(self.grpc, shutdown.clone()).await;
            // Without gRPC the rest is no use.
            shutdown.cancel();
            served.context("gRPC failed")
        };
        let ops = async {
            let served = self.ops_routes.serve(self.ops, shutdown.clone()).await;
            served.context("the operators' port failed")
        };
        let (grpc, ops, ()) = tokio::join!(grpc, ops, tasks.wait());
        self.wakeup.close().await;
        grpc.and(ops)
    }
}

impl Neighbours {
    fn over_grpc(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let identity = Arc::new(ServiceIdentity::new(
            demeter_grpc::channel(&config.auth_url)?,
            config.client_secret.clone(),
            clock.clone(),
        ));
        let stock = demeter_grpc::channel(&config.stock_url)?;
        let inference = demeter_grpc::channel(&config.inference_url)?;
        Ok(Self {
            stock: Arc::new(StockClient::new(
                stock,
                Arc::clone(&identity),
                clock.clone(),
            )),
            inference: Arc::new(InferenceClient::new(
                inference,
                identity,
                config.analysis_timeout,
            )),
        })
    }
}

// === impl Parts ===

/// What several parts of the service share.
struct Parts {
    store: Store,
    pictures: Pictures,
    wakeup: Wakeup,
    clock: Clock,
    metrics: Metrics,
    decoders: Arc<Semaphore>,
    neighbours: Neighbours,
}

impl Parts {
    fn photos(&self, config: &Config, ids: Ids) -> PhotosApi {
        PhotosApi {
            store: self.store.clone(),
            pictures: self.pictures.clone(),
            limits: config.limits,
            uploads: Arc::new(Uploads {
                store: self.store.clone(),
                pictures: self.pictures.clone(),
                stock: Arc::clone(&self.neighbours.stock),
                wakeup: self.wakeup.clone(),
                clock: self.clock.clone(),
                ids,
                decoders: Arc::clone(&self.decoders),
                max_pixels: config.max_pixels,
                metrics: self.metrics.clone(),
            }),
        }
    }

    fn processing(&self) -> ProcessingApi {
        ProcessingApi {
            store: self.store.clone(),
            steering: Steering {
                store: self.store.clone(),
                stock: Arc::clone(&self.neighbours.stock),
                wakeup: self.wakeup.clone(),
                clock: self.clock.clone(),
            },
        }
    }

    /// Gives back at once what an earlier life of this process held.
    async fn workers(&self, config: &Config, ids: &Ids) -> anyhow::Result<Vec<Worker>> {
        if let Some(name) = &config.worker_name {
            let released = leases::release_all(&self.store, name).await?;
            info!(released, "took over the leases of an earlier life");
        }
        let life = ids.next();
        let name = config.worker_name.as_deref().unwrap_or("photo");
        let processor = Arc::new(Processor {
            store: self.store.clone(),
            pictures: self.pictures.clone(),
            stock: Arc::clone(&self.neighbours.stock),
            inference: Arc::clone(&self.neighbours.inference),
            clock: self.clock.clone(),
            decoders: Arc::clone(&self.decoders),
            metrics: self.metrics.clone(),
        });
        let worker = |index: usize| Worker {
            store: self.store.clone(),
            processor: Arc::clone(&processor),
            wakeup: self.wakeup.clone(),
            clock: self.clock.clone(),
            owner: format!("{name}/{life}/{index}"),
        };
        Ok((0..config.workers).map(worker).collect())
    }

    fn housekeeping(&self) -> Housekeeping {
        Housekeeping {
            store: self.store.clone(),
            pictures: self.pictures.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Redis is not asked: without it the service works, only slower.
    fn readiness(&self, objects: Objects) -> Readiness {
        let readiness = Readiness::default();
        let store = self.store.clone();
        readiness.check("database", move || {
            let store = store.clone();
            async move { store.healthy().await.map_err(|error| error.to_string()) }
        });
        readiness.check("objects", move || {
            let objects = objects.clone();
            async move { objects.healthy().await.map_err(|error| error.to_string()) }
        });
        readiness
    }
}

// === impl Housekeeping ===

impl Housekeeping {
    async fn run(self, shutdown: CancellationToken) {
        for round in 0_u64.. {
            if let Err(error) = self.round(round).await {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "housekeeping failed"
                );
            }
            tokio::select! {
                () = tokio::time::sleep(GAUGES_EVERY) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    async fn round(&self, round: u64) -> Result<(), crate::error::Error> {
        for (stage, count) in sessions::count_by_stage(&self.store).await? {
            self.metrics.sessions(stage, count);
        }
        if round.is_multiple_of(SWEEP_EVERY) {
            sweep(&self.store, &self.pictures, self.clock.now()).await?;
        }
        Ok(())
    }
}

async fn wakeup(config: &Config) -> anyhow::Result<Wakeup> {
    match &config.redis_url {
        Some(url) => Wakeup::redis(url.expose_secret())
            .await
            .context("REDIS_URL is not usable"),
        None => Ok(Wakeup::in_process()),
    }
}

fn gate(config: &Config, clock: &Clock) -> anyhow::Result<Gate> {
    let clock = clock.clone();
    let guard = Guard::new(
        &config.identity_public_key,
        demeter_proto::DESCRIPTOR_SET,
        move || clock.now(),
    )
    .context("IDENTITY_PUBLIC_KEY is not usable")?;
    Ok(Arc::new(guard.gate()))
}
