//! Turns the logs, traces and metrics of a process on, and flushes them off.
//!
//! A process calls [`init`] once and [`Telemetry::flush`] last.

mod logs;

use std::path::PathBuf;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What to turn on.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the process in traces, for example `stock`.
    pub service: String,
    /// For example `development`.
    pub environment: String,
    /// A `tracing` filter, for example `info` or `info,demeter_stock=debug`.
    pub log_filter: String,
    /// The file to append log lines to; `None` is standard error.
    pub log_file: Option<PathBuf>,
    /// Where to send traces by OTLP over gRPC; `None` sends none.
    pub otlp_endpoint: Option<String>,
}

/// Why telemetry could not be turned on.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The log filter does not parse.
    #[error("LOG_LEVEL is not a log filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The log file cannot be opened.
    #[error("cannot open the log file")]
    LogFile(#[from] std::io::Error),
    /// The exporter cannot be built.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT is not usable")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Someone else turned telemetry on.
    #[error("telemetry is on already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Telemetry that is on.
#[derive(Debug)]
pub struct Telemetry {
    traces: SdkTracerProvider,
}

/// Turns logs (JSON lines) and, if there is an endpoint,
/// traces on. Must run inside a tokio runtime.
pub fn init(config: &Config) -> Result<Telemetry, InitError> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let traces = traces(config)?;
    // The exporter's own transport must not be traced: it would trace itself.
    let export = tracing_opentelemetry::layer()
        .with_tracer(traces.tracer("demeter"))
        .with_filter(EnvFilter::new(
            "info,h2=off,hyper=off,tonic=off,tower=off,reqwest=off",
        ));
    tracing_subscriber::registry()
        .with(export)
        .with(
            logs::layer(config.log_file.as_deref())?
                .with_filter(EnvFilter::try_new(&config.log_filter)?),
        )
        .try_init()?;
    Ok(Telemetry { traces })
}

/// Without an endpoint nothing is sent, but log lines have trace ids all the same.
fn traces(config: &Config) -> Result<SdkTracerProvider, InitError> {
    let resource = Resource::builder()
        .with_service_name(config.service.clone())
        .with_attribute(KeyValue::new("service.namespace", "demeter"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new(
            "deployment.environment.name",
            config.environment.clone(),
        ))
        .build();
    let provider = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(provider.build());
    };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()?;
    Ok(provider.with_batch_exporter(exporter).build())
}

// === impl Telemetry ===

impl Telemetry {
    /// Sends what has not been sent yet. Call it last, also after a failure.
    pub async fn flush(self) {
        let traces = self.traces;
        // The provider blocks until its own thread has sent everything.
        let shutdown = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if let Ok(Err(error)) = shutdown {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
