//! What the service is made of.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_objects::Objects;
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::photo::v1::photo_service_server::PhotoServiceServer;
use demeter_proto::photo::v1::processing_service_server::ProcessingServiceServer;
use demeter_service::{Frame, Readiness, Service};
use demeter_wakeup::Wakeup;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
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
use crate::uploads::admission::Admission;
use crate::uploads::usecase::Uploads;

/// The PostgreSQL schema of this service's tables.
const SCHEMA: &str = "photo";
/// How often metrics of the database are read.
const GAUGES_EVERY: Duration = Duration::from_secs(15);
/// Sweeps happen once in so many readings.
const SWEEP_EVERY: u64 = 40;

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
pub async fn migrate(database: &demeter_db::Config) -> anyhow::Result<()> {
    demeter_db::migrate::<Migrator>(database, SCHEMA)
        .await
        .context("cannot migrate the photo database")
}

/// Connects everything and takes both ports; nothing is served yet.
pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Service> {
    let neighbours = Neighbours::over_grpc(&config, &clock)?;
    build_beside(config, clock, ids, neighbours).await
}

/// The same beside other neighbours.
pub async fn build_beside(
    config: Config,
    clock: Clock,
    ids: Ids,
    neighbours: Neighbours,
) -> anyhow::Result<Service> {
    let mut frame = Frame::bind(&config.service).await?;
    let metrics = Metrics::register(frame.registry());
    let connection = demeter_db::open(&config.database, SCHEMA).await?;
    demeter_db::check_migrated::<Migrator>(&connection, SCHEMA).await?;
    frame.needs_tables::<Migrator>(&connection, SCHEMA);
    let objects = Objects::open(&config.objects)?;
    needs_objects(frame.needs(), &objects);
    let parts = Parts {
        pictures: Pictures::new(objects, metrics.clone(), config.checkpoints.clone()),
        decoders: Arc::new(Semaphore::new(config.memory_mib)),
        neighbours,
        store: Store::new(connection, config.checkpoints.clone()),
        // Redis is not asked for readiness: without it only less is quick.
        wakeup: wakeup(&config).await?,
        clock,
        metrics,
    };
    for (index, worker) in parts.workers(&config, &ids).await?.into_iter().enumerate() {
        let stopping = frame.stopping();
        frame.worker(&format!("{index}"), async move {
            worker.run(stopping).await;
            Ok(())
        });
    }
    let stopping = frame.stopping();
    let housekeeping = parts.housekeeping();
    frame.worker("housekeeping", async move {
        housekeeping.run(stopping).await;
        Ok(())
    });
    let wakeup = parts.wakeup.clone();
    frame.last(async move { wakeup.close().await });
    let gate = demeter_service::gate(&config.identity_public_key, &parts.clock)?;
    let server = demeter_grpc::Server::new(DESCRIPTOR_SET, gate, frame.registry())
        .add(PhotoServiceServer::new(parts.photos(&config, ids)))
        .add(ProcessingServiceServer::new(parts.processing()));
    Ok(frame.serving(server))
}

fn needs_objects(readiness: &Readiness, objects: &Objects) {
    let objects = objects.clone();
    readiness.check("objects", move || {
        let objects = objects.clone();
        async move { objects.healthy().await.map_err(|error| error.to_string()) }
    });
}

// === impl Neighbours ===

impl Neighbours {
    fn over_grpc(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let mesh = &config.service.mesh;
        let identity = Arc::new(ServiceIdentity::new(
            mesh.channel("auth", &config.auth_url).context("AUTH_URL")?,
            config.client_secret.clone(),
            clock.clone(),
        ));
        let stock = mesh
            .channel("stock", &config.stock_url)
            .context("STOCK_URL")?;
        let inference = mesh
            .channel("inference", &config.inference_url)
            .context("INFERENCE_URL")?;
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
            admission: Admission::new(config.uploads),
            limits: config.limits,
            uploads: Arc::new(Uploads {
                store: self.store.clone(),
                pictures: self.pictures.clone(),
                stock: Arc::clone(&self.neighbours.stock),
                wakeup: self.wakeup.clone(),
                clock: self.clock.clone(),
                ids,
                decoders: Arc::clone(&self.decoders),
                judges: Arc::new(Semaphore::new(judges())),
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
            self.metrics.sessions(stage.name(), count);
        }
        if round.is_multiple_of(SWEEP_EVERY) {
            sweep(&self.store, &self.pictures, self.clock.now()).await?;
        }
        Ok(())
    }
}

/// Half the processors, so that small calls find one.
fn judges() -> usize {
    let processors = std::thread::available_parallelism();
    processors.map_or(1, |processors| processors.get().div_ceil(2))
}

async fn wakeup(config: &Config) -> anyhow::Result<Wakeup> {
    match &config.redis_url {
        Some(url) => Wakeup::redis(url.expose_secret())
            .await
            .context("REDIS_URL is not usable"),
        None => Ok(Wakeup::in_process()),
    }
}
