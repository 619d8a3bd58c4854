//! The `auth` process.

use demeter_auth::{App, Config};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::from_env(&Env::from_process())?;
    let telemetry = demeter_telemetry::init(&config.telemetry)?;
    let outcome = run(config).await;
    telemetry.flush().await; // After a failure too: the last spans say why.
    outcome
}

async fn run(config: Config) -> anyhow::Result<()> {
    let app = App::build(config, Clock::system(), Ids::random()).await?;
    let shutdown = CancellationToken::new();
    let mut terminated = signal(SignalKind::terminate())?;
    let asked = async {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        shutdown.cancel();
    };
    let (outcome, ()) = tokio::join!(app.serve(shutdown.clone()), async {
        shutdown.run_until_cancelled(asked).await;
    });
    outcome
}
