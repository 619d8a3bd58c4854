//! The service's settings, from environment variables.

use std::time::Duration;

use demeter_config::{Env, Faults, Reader};
use demeter_objects::S3Config;
use demeter_service::{Ports, Settings};
use secrecy::{ExposeSecret as _, SecretString};

use crate::checkpoints::Checkpoints;
use crate::uploads::admission::UploadLimits;
use crate::uploads::intake::Limits;

const PORTS: Ports = Ports {
    grpc: 50053,
    ops: 9053,
};

/// Everything the service needs to know; see the README for the variables.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ports, logs and traces.
    pub service: Settings,
    /// The photo database.
    pub database: demeter_db::Config,
    /// The object store.
    pub objects: demeter_objects::Config,
    /// Wakes workers; in process without one.
    pub redis_url: Option<SecretString>,
    /// The auth service.
    pub auth_url: String,
    /// The stock service.
    pub stock_url: String,
    /// The inference service.
    pub inference_url: String,
    /// Verifies biscuits.
    pub identity_public_key: String,
    /// The service's own credentials.
    pub client_secret: SecretString,
    /// Workers of this process; 0 only serves.
    pub workers: usize,
    /// The process's name, when no other that runs has it: it takes over at once
    /// what its earlier life held.
    pub worker_name: Option<String>,
    /// How long one count may take.
    pub analysis_timeout: Duration,
    /// What one upload may bring.
    pub limits: Limits,
    /// Uploads that are taken at once.
    pub uploads: UploadLimits,
    /// Pixels of one image.
    pub max_pixels: u64,
    /// MiB that images may hold at once.
    pub memory_mib: usize,
    /// Where a test ends the process; nowhere in release builds.
    pub checkpoints: Checkpoints,
}

// === impl Config ===

impl Config {
    /// Reads the variables and reports every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let database = demeter_service::database(&reader, "photo");
        // An SQLite file belongs to one process.
        let embedded = database.url.expose_secret().starts_with("sqlite:");
        let service = Settings::read(&reader, "photo", PORTS);
        let config = Self {
            auth_url: service.neighbour(&reader, "AUTH", 50051),
            stock_url: service.neighbour(&reader, "STOCK", 50052),
            inference_url: service.neighbour(&reader, "INFERENCE", 50054),
            service,
            database,
            objects: objects(&reader),
            redis_url: reader.secret("REDIS_URL"),
            identity_public_key: reader.required("IDENTITY_PUBLIC_KEY"),
            client_secret: reader.required_secret("PHOTO_CLIENT_SECRET"),
            workers: reader.parse("PHOTO_WORKERS", 1),
            worker_name: reader
                .optional("PHOTO_WORKER_NAME")
                .or_else(|| embedded.then(|| "embedded".to_owned())),
            analysis_timeout: Duration::from_secs(
                reader.parse("PHOTO_ANALYSIS_TIMEOUT_SECONDS", 900),
            ),
            limits: Limits {
                max_file_bytes: reader.parse("PHOTO_MAX_FILE_BYTES", 20_000_000),
                max_files: reader.parse("PHOTO_MAX_FILES", 10),
            },
            uploads: UploadLimits {
                in_all: reader.parse("PHOTO_UPLOADS", 8),
                per_user: reader.parse("PHOTO_UPLOADS_PER_USER", 4),
            },
            max_pixels: reader.parse("PHOTO_MAX_PIXELS", 64_000_000),
            memory_mib: reader.parse("PHOTO_MEMORY_MIB", 1024),
            checkpoints: checkpoints(&reader),
        };
        config.check(&reader);
        reader.finish(config)
    }

    fn check(&self, reader: &Reader<'_>) {
        let zeros = [
            ("PHOTO_MAX_FILE_BYTES", self.limits.max_file_bytes == 0),
            ("PHOTO_MAX_FILES", self.limits.max_files == 0),
            ("PHOTO_UPLOADS", self.uploads.in_all == 0),
            ("PHOTO_UPLOADS_PER_USER", self.uploads.per_user == 0),
            ("PHOTO_MAX_PIXELS", self.max_pixels == 0),
            (
                "PHOTO_ANALYSIS_TIMEOUT_SECONDS",
                self.analysis_timeout.is_zero(),
            ),
        ];
        for (name, _) in zeros.into_iter().filter(|(_, zero)| *zero) {
            reader.fault(name, "must be above zero");
        }
        if self.memory_mib < 640 {
            let problem = "must hold one file and its pixels: at least 640";
            reader.fault("PHOTO_MEMORY_MIB", problem);
        }
        // What inference takes as one message.
        if self.limits.max_file_bytes > 52_428_800 {
            reader.fault("PHOTO_MAX_FILE_BYTES", "must not be above 52428800");
        }
    }
}

#[cfg(debug_assertions)]
fn checkpoints(reader: &Reader<'_>) -> Checkpoints {
    let at = reader.optional("PHOTO_POWER_CUT");
    at.map_or_else(Checkpoints::default, Checkpoints::power_cut)
}

#[cfg(not(debug_assertions))]
fn checkpoints(_reader: &Reader<'_>) -> Checkpoints {
    Checkpoints::default()
}

/// S3 as soon as an endpoint or a bucket is named, else a directory.
fn objects(reader: &Reader<'_>) -> demeter_objects::Config {
    let endpoint = reader.optional("S3_ENDPOINT");
    let bucket = reader.optional("S3_BUCKET");
    if endpoint.is_none() && bucket.is_none() {
        return demeter_objects::Config::Local {
            dir: demeter_service::data_folder(reader).join("objects"),
        };
    }
    let id = reader.optional("AWS_ACCESS_KEY_ID");
    let secret = reader.secret("AWS_SECRET_ACCESS_KEY");
    if id.is_some() != secret.is_some() {
        reader.fault(
            "AWS_SECRET_ACCESS_KEY",
            "set it together with AWS_ACCESS_KEY_ID, or neither to use the machine's identity",
        );
    }
    demeter_objects::Config::S3(S3Config {
        endpoint,
        bucket: bucket.unwrap_or_else(|| "demeter-photos-original".to_owned()),
        region: reader.string("AWS_REGION", "us-east-1"),
        credentials: id.zip(secret),
    })
}
