//! The `inference` process.

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_config::{Env, Reader};
use demeter_inference::{App, Config};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let env = Env::from_process();
    let config = Config::from_env(&env)?;
    let telemetry = demeter_telemetry::init(&telemetry(&env)?)?;
    let outcome = run(config).await;
    // After a failure too: the last spans say why.
    telemetry.flush().await;
    outcome
}

async fn run(config: Config) -> anyhow::Result<()> {
    let app = App::build(config, Clock::system(), Ids::random()).await?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
    let served = app.serve(shutdown.clone());
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        shutdown.cancel();
        std::future::pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        outcome = served => outcome,
        never = stop => never,
    }
}

fn telemetry(env: &Env) -> anyhow::Result<demeter_telemetry::Config> {
    let reader = Reader::new(env);
    let on = reader.parse("OTEL_ENABLED", false);
    let endpoint = reader.string("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");
    let config = demeter_telemetry::Config {
        service: "inference".to_owned(),
        environment: reader.string("APP_ENV", "development"),
        log_filter: reader.string("LOG_LEVEL", "info"),
        log_file: None,
        otlp_endpoint: on.then_some(endpoint),
    };
    Ok(reader.finish(config)?)
}
