//! A photo service to test: real but for its neighbours.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_grpc::Channel;
use demeter_identity::{CallerKind, Grant, Issuer};
use demeter_objects::Objects;
use demeter_photo::database::Store;
use demeter_photo::metrics::Metrics;
use demeter_photo::pictures::Pictures;
use demeter_photo::ports::{
    BatchId, CallError, Count, Detection, Estimate, Inference, LocationId, Model, Parameters,
    PhotoCount, Position, Range, Rect, SessionId, Stock,
};
use demeter_photo::processing::usecase::Processor;
use demeter_photo::processing::worker::Worker;
use demeter_photo::{Config, Neighbours, build_beside};
use demeter_proto::google::api::HttpBody;
use demeter_proto::photo::v1 as pb;
use demeter_proto::photo::v1::photo_service_client::PhotoServiceClient;
use demeter_proto::photo::v1::processing_service_client::ProcessingServiceClient;
use demeter_testkit::TestDatabase;
use demeter_wakeup::Wakeup;
use prometheus_client::registry::Registry;
use sea_orm::DatabaseConnection;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tonic::{Request, Status};

pub(crate) const USER: &str = "0199aaaa-0000-7000-8000-000000000001";

/// A stock service that knows locations 1 to 9.
#[derive(Default)]
pub(crate) struct FakeStock {
    pub(crate) candidates: Mutex<Vec<i32>>,
    /// Every posting, also of the same session again.
    pub(crate) postings: Mutex<Vec<PhotoCount>>,
    pub(crate) failures: Failures,
    /// After a posting was kept, answer it only when told.
    pub(crate) hold: Mutex<Option<Arc<Hold>>>,
}

/// A model that finds three plants, unless told what to find.
#[derive(Default)]
pub(crate) struct FakeInference {
    pub(crate) finds: Mutex<Option<Count>>,
    pub(crate) calls: Mutex<usize>,
    pub(crate) failures: Failures,
    pub(crate) hold: Mutex<Option<Arc<Hold>>>,
}

/// What the next calls fail with.
#[derive(Default)]
pub(crate) struct Failures(Mutex<VecDeque<CallError>>);

impl Failures {
    /// So many more calls fail with this.
    pub(crate) fn add(&self, times: usize, failure: CallError) {
        let mut failures = self.0.lock().unwrap();
        failures.extend(std::iter::repeat_n(failure, times));
    }

    fn next(&self) -> Result<(), CallError> {
        self.0.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

/// A point where a call stops until it is let go.
#[derive(Default)]
pub(crate) struct Hold {
    pub(crate) reached: Notify,
    pub(crate) go_on: Notify,
}

impl Hold {
    async fn stop(hold: &Mutex<Option<Arc<Self>>>) {
        let stops_here = hold.lock().unwrap().take();
        if let Some(stop) = stops_here {
            stop.reached.notify_one();
            stop.go_on.notified().await;
        }
    }
}

#[async_trait]
impl Stock for FakeStock {
    async fn location_exists(
        &self,
        biscuit: Option<&str>,
        id: LocationId,
    ) -> Result<bool, CallError> {
        assert_ne!(biscuit, Some(""), "it is asked for a person");
        Ok(id.get() < 10)
    }

    async fn locate(&self, _position: Position) -> Result<Vec<LocationId>, CallError> {
        self.failures.next()?;
        let candidates = self.candidates.lock().unwrap();
        Ok(candidates
            .iter()
            .map(|id| LocationId::new(*id).unwrap())
            .collect())
    }

    async fn post_count(&self, count: &PhotoCount) -> Result<Option<BatchId>, CallError> {
        self.failures.next()?;
        self.postings.lock().unwrap().push(count.clone());
        Hold::stop(&self.hold).await;
        Ok((count.estimate.plants > 0).then_some(BatchId(count.session.0)))
    }
}

#[async_trait]
impl Inference for FakeInference {
    async fn count_plants(&self, image: Bytes) -> Result<Count, CallError> {
        assert!(!image.is_empty());
        *self.calls.lock().unwrap() += 1;
        Hold::stop(&self.hold).await;
        self.failures.next()?;
        let finds = self.finds.lock().unwrap().clone();
        Ok(finds.unwrap_or_else(three_plants))
    }
}

/// Three boxes that speak for four plants.
pub(crate) fn four_plants() -> Count {
    Count {
        estimate: Estimate {
            plants: 4,
            range: Range::of(Some(3), Some(6)),
            boxes: 3,
        },
        ..three_plants()
    }
}

pub(crate) fn three_plants() -> Count {
    let plant = |at: f32, confidence: f32| Detection {
        rect: Rect {
            x_min: at,
            y_min: at,
            x_max: at + 8.0,
            y_max: at + 8.0,
        },
        confidence,
        label: "plant".to_owned(),
    };
    Count {
        estimate: Estimate {
            plants: 3,
            range: None,
            boxes: 3,
        },
        detections: vec![plant(1.1, 0.75), plant(10.3, 0.5), plant(20.7, 0.25)],
        model: Model {
            name: "plant-n".to_owned(),
            version: "1.0".to_owned(),
            task: 1,
            classes: vec!["plant".to_owned(), "empty pot".to_owned()],
            sha256: "ab".repeat(32),
            calibrated: false,
        },
        parameters: Parameters {
            tile_size_px: 640,
            tile_overlap: 0.2,
            min_confidence: 0.35,
            merge_threshold: 0.5,
            search: 0,
        },
    }
}

/// The whole service on its own ports, with a clock that stands still.
pub(crate) struct Photo {
    pub(crate) store: Store,
    pub(crate) pictures: Pictures,
    pub(crate) stock: Arc<FakeStock>,
    pub(crate) inference: Arc<FakeInference>,
    pub(crate) clock: Clock,
    pub(crate) objects_dir: std::path::PathBuf,
    pub(crate) config: Config,
    issuer: Issuer,
    channel: Channel,
    wakeup: Wakeup,
    _serving: DropGuard,
    _database: TestDatabase,
    _folder: TempDir,
}

fn neighbours(stock: &Arc<FakeStock>, inference: &Arc<FakeInference>) -> Neighbours {
    Neighbours {
        stock: stock.clone(),
        inference: inference.clone(),
    }
}

pub(crate) fn with_a_worker(config: &mut Config) {
    config.workers = 1;
}

impl Photo {
    /// One on each engine that is there.
    pub(crate) async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::all().await {
            all.push(Self::start(database, |_config| {}).await);
        }
        all
    }

    /// One on SQLite.
    pub(crate) async fn sqlite() -> Self {
        Self::start(TestDatabase::sqlite(), |_config| {}).await
    }

    pub(crate) async fn start(database: TestDatabase, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (private, public) = Issuer::generate();
        let issuer = Issuer::from_private_key(&private).unwrap();
        let env = Env::from_pairs([
            ("DATA_DIR", folder.path().to_str().unwrap()),
            ("DATABASE_URL", database.url()),
            ("IDENTITY_PUBLIC_KEY", public.as_str()),
            ("PHOTO_CLIENT_SECRET", "secret"),
            ("PHOTO_LISTEN", "127.0.0.1:0"),
            ("PHOTO_OPS_LISTEN", "127.0.0.1:0"),
            ("PHOTO_WORKERS", "0"),
            ("MESH_TLS", "off"),
        ]);
        let mut config = Config::from_env(&env).unwrap();
        change(&mut config);
        demeter_photo::migrate(&config.database).await.unwrap();
        let clock = Clock::fixed(start_time());
        let stock = Arc::new(FakeStock::default());
        let inference = Arc::new(FakeInference::default());
        let neighbours = neighbours(&stock, &inference);
        let app = build_beside(config.clone(), clock.clone(), Ids::random(), neighbours)
            .await
            .unwrap();
        let channel = demeter_grpc::channel(&format!("http://{}", app.grpc_addr())).unwrap();
        let shutdown = CancellationToken::new();
        TaskTracker::new().spawn(app.serve(shutdown.clone()));
        let objects = Objects::open(&config.objects).unwrap();
        let metrics = Metrics::register(&mut Registry::default());
        Self {
            store: Store::new(database_of(&config).await, config.checkpoints.clone()),
            pictures: Pictures::new(objects, metrics, config.checkpoints.clone()),
            stock,
            inference,
            clock,
            objects_dir: folder.path().join("objects"),
            config,
            issuer,
            channel,
            wakeup: Wakeup::in_process(),
            _serving: shutdown.drop_guard(),
            _database: database,
            _folder: folder,
        }
    }

    /// The fakes beside which it runs.
    pub(crate) fn neighbours(&self) -> Neighbours {
        neighbours(&self.stock, &self.inference)
    }

    /// A worker of its own, as another process would have one.
    pub(crate) fn worker(&self, owner: &str) -> Worker {
        Worker {
            store: self.store.clone(),
            processor: Arc::new(Processor {
                store: self.store.clone(),
                pictures: self.pictures.clone(),
                stock: self.stock.clone(),
                inference: self.inference.clone(),
                clock: self.clock.clone(),
                decoders: Arc::new(Semaphore::new(1024)),
                metrics: Metrics::register(&mut Registry::default()),
            }),
            wakeup: self.wakeup.clone(),
            clock: self.clock.clone(),
            owner: owner.to_owned(),
        }
    }

    /// Works until there is nothing to do now.
    pub(crate) async fn work(&self) {
        let worker = self.worker("w/1/0");
        while worker.work_once(&CancellationToken::new()).await.unwrap() {}
    }

    pub(crate) fn photos(&self) -> PhotoServiceClient<Channel> {
        PhotoServiceClient::new(self.channel.clone())
    }

    pub(crate) fn processing(&self) -> ProcessingServiceClient<Channel> {
        ProcessingServiceClient::new(self.channel.clone())
    }

    /// A request of someone with these rights.
    pub(crate) fn with_rights<T>(&self, message: T, rights: &[&str]) -> Request<T> {
        let grant = Grant {
            subject: USER.to_owned(),
            kind: CallerKind::User,
            rights: rights.iter().map(|right| right.parse().unwrap()).collect(),
            session: None,
            request_id: None,
            expires_at: self.clock.now() + Duration::minutes(1),
        };
        let biscuit = self.issuer.issue(&grant).unwrap();
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert(demeter_identity::HEADER, biscuit.parse().unwrap());
        request
    }

    /// A request of a worker of the nursery.
    pub(crate) fn by_worker<T>(&self, message: T) -> Request<T> {
        self.with_rights(message, &["photos:read", "photos:write", "stock:read"])
    }

    /// Uploads a raw body in small pieces.
    pub(crate) async fn upload(
        &self,
        body: &[u8],
        fields: pb::UploadPhotosRequest,
    ) -> Result<pb::UploadPhotosResponse, Status> {
        let mut pieces: Vec<_> = body.chunks(100_000).map(Bytes::copy_from_slice).collect();
        if pieces.is_empty() {
            pieces.push(Bytes::new());
        }
        let content_type = fields.file.clone().unwrap_or_default().content_type;
        let mut messages: Vec<_> = pieces
            .into_iter()
            .map(|data| pb::UploadPhotosRequest {
                file: Some(HttpBody {
                    data,
                    ..HttpBody::default()
                }),
                ..pb::UploadPhotosRequest::default()
            })
            .collect();
        let data = messages[0].file.take().unwrap().data;
        messages[0] = pb::UploadPhotosRequest {
            file: Some(HttpBody {
                content_type,
                data,
                ..HttpBody::default()
            }),
            ..fields
        };
        let request = self.by_worker(futures::stream::iter(messages));
        Ok(self.photos().upload_photos(request).await?.into_inner())
    }

    /// Uploads one photo that has to be taken.
    pub(crate) async fn given(&self, body: &[u8], location: i32) -> pb::UploadedPhoto {
        let fields = pb::UploadPhotosRequest {
            storage_location_id: Some(location).filter(|id| *id > 0),
            ..pb::UploadPhotosRequest::default()
        };
        self.upload(body, fields).await.unwrap().photos.remove(0)
    }

    pub(crate) async fn progress(&self, session: &str) -> pb::GetProgressResponse {
        let message = pb::GetProgressRequest {
            session_id: session.to_owned(),
        };
        let answer = self
            .processing()
            .get_progress(self.by_worker(message))
            .await;
        answer.unwrap().into_inner()
    }

    pub(crate) async fn list(
        &self,
        page: pb::ListPhotosRequest,
    ) -> Result<pb::ListPhotosResponse, Status> {
        let list = self.photos().list_photos(self.by_worker(page)).await;
        list.map(tonic::Response::into_inner)
    }

    /// Starts a session again, as a person does.
    pub(crate) async fn retry(&self, session: &str) -> Result<pb::RetryProcessingResponse, Status> {
        let message = pb::RetryProcessingRequest {
            session_id: session.to_owned(),
        };
        let answer = self
            .processing()
            .retry_processing(self.by_worker(message))
            .await;
        answer.map(tonic::Response::into_inner)
    }

    /// Sessions that have objects.
    pub(crate) fn folders(&self) -> usize {
        std::fs::read_dir(&self.objects_dir).unwrap().count()
    }

    /// The sessions that were posted, each once.
    pub(crate) fn posted(&self) -> Vec<SessionId> {
        let mut sessions = Vec::new();
        for count in self.stock.postings.lock().unwrap().iter() {
            if !sessions.contains(&count.session) {
                sessions.push(count.session);
            }
        }
        sessions
    }

    pub(crate) fn database_url(&self) -> &str {
        self.config.database.url.expose_secret()
    }
}

pub(crate) async fn database_of(config: &Config) -> DatabaseConnection {
    demeter_db::open(&config.database, "photo").await.unwrap()
}

pub(crate) fn start_time() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn reason(status: &Status) -> String {
    demeter_grpc::status::reason(status).unwrap_or_default()
}
