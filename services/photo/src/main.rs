//! The `photo` process.

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_photo::{App, Config};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::from_env(&Env::from_process())?;
    let telemetry = demeter_telemetry::init(&config.telemetry)?;
    let outcome = Box::pin(run(config)).await;
    // After a failure too: the last spans say why.
    telemetry.flush().await;
    outcome
}

async fn run(config: Config) -> anyhow::Result<()> {
    let app = App::build(config, Clock::system(), Ids::random()).await?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let served = app.serve(shutdown.clone());
    tokio::pin!(served);
    tokio::select! {
        outcome = &mut served => return outcome,
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    shutdown.cancel();
    served.await
}
