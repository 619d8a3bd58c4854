//! The service's settings, from environment variables.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use demeter_config::{Env, Faults, Reader};
use demeter_objects::S3Config;
use secrecy::{ExposeSecret as _, SecretString};

use crate::checkpoints::Checkpoints;
use crate::uploads::intake::Limits;

/// Everything the service needs to know; see the README for the variables.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where gRPC listens.
    pub listen: SocketAddr,
    /// Where metrics and health listen.
    pub ops_listen: SocketAddr,
    /// Logs and traces, for the process.
    pub telemetry: demeter_telemetry::Config,
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
    /// Pixels of one image.
    pub max_pixels: u64,
    /// Images in memory at the same time.
    pub decoders: usize,
    /// Where a test ends the process; nowhere in release builds.
    pub checkpoints: Checkpoints,
}

// === impl Config ===

impl Config {
    /// Reads the variables and reports every fault at once.
    pub fn from_env(env: &Env) -> Result<Self, Faults> {
        let reader = Reader::new(env);
        let data_dir = data_dir(&reader);
        let database = database(&reader, &data_dir);
        // An SQLite file belongs to one process.
        let embedded = database.url.expose_secret().starts_with("sqlite:");
        let config = Self {
            listen: reader.parse("PHOTO_LISTEN", SocketAddr::from(([0, 0, 0, 0], 50053))),
            ops_listen: reader.parse("PHOTO_OPS_LISTEN", SocketAddr::from(([0, 0, 0, 0], 9053))),
            telemetry: telemetry(&reader),
            database,
            objects: objects(&reader, &data_dir),
            redis_url: reader.secret("REDIS_URL"),
            auth_url: reader.string("AUTH_URL", "http://127.0.0.1:50051"),
            stock_url: reader.string("STOCK_URL", "http://127.0.0.1:50052"),
            inference_url: reader.string("INFERENCE_URL", "http://127.0.0.1:50054"),
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
            max_pixels: reader.parse("PHOTO_MAX_PIXELS", 64_000_000),
            decoders: reader.parse("PHOTO_DECODERS", 2),
            checkpoints: checkpoints(&reader),
        };
        config.check(&reader);
        reader.finish(config)
    }

    fn check(&self, reader: &Reader<'_>) {
        let zeros = [
            ("PHOTO_MAX_FILE_BYTES", self.limits.max_file_bytes == 0),
            ("PHOTO_MAX_FILES", self.limits.max_files == 0),
            ("PHOTO_MAX_PIXELS", self.max_pixels == 0),
            ("PHOTO_DECODERS", self.decoders == 0),
            (
                "PHOTO_ANALYSIS_TIMEOUT_SECONDS",
                self.analysis_timeout.is_zero(),
            ),
        ];
        for (name, _) in zeros.into_iter().filter(|(_, zero)| *zero) {
            reader.fault(name, "must be above zero");
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

fn telemetry(reader: &Reader<'_>) -> demeter_telemetry::Config {
    let on = reader.parse("OTEL_ENABLED", false);
    let endpoint = reader.string("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");
    demeter_telemetry::Config {
        service: "photo".to_owned(),
        environment: reader.string("APP_ENV", "development"),
        log_filter: reader.string("LOG_LEVEL", "info"),
        log_file: None,
        otlp_endpoint: on.then_some(endpoint),
    }
}

fn data_dir(reader: &Reader<'_>) -> PathBuf {
    let dir = reader.string("DATA_DIR", "./data");
    std::path::absolute(&dir).unwrap_or_else(|error| {
        reader.fault("DATA_DIR", format!("{dir:?} is not a path: {error}"));
        PathBuf::from(dir)
    })
}

fn database(reader: &Reader<'_>, data_dir: &Path) -> demeter_db::Config {
    let url = reader.secret("DATABASE_URL").unwrap_or_else(|| {
        SecretString::from(format!("sqlite://{}", data_dir.join("photo.db").display()))
    });
    demeter_db::Config {
        url,
        max_connections: reader.parse("PHOTO_DATABASE_CONNECTIONS", 10),
    }
}

/// S3 as soon as an endpoint or a bucket is named, else a directory.
fn objects(reader: &Reader<'_>, data_dir: &Path) -> demeter_objects::Config {
    let endpoint = reader.optional("S3_ENDPOINT");
    let bucket = reader.optional("S3_BUCKET");
    if endpoint.is_none() && bucket.is_none() {
        return demeter_objects::Config::Local {
            dir: data_dir.join("objects"),
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
