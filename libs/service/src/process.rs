//! The life of a process with one service in it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use demeter_config::{Env, Faults};
use demeter_telemetry::Telemetry;
use tokio_util::sync::CancellationToken;

use crate::{Service, Settings, Signals};

/// How long the last spans may take to leave; after a fault only a moment.
const FLUSH: Duration = Duration::from_secs(5);
const FLUSH_AFTER_FAULT: Duration = Duration::from_millis(300);

/// Reads the settings, builds the service, serves until a signal, and ends.
///
/// Exits 0 after a signal. Whatever else ends it, a fault of the settings, a
/// port that is taken, a server that stops, is told on standard error and
/// exits 1.
pub fn process<F>(prepare: impl FnOnce(&Env) -> Result<(Settings, F), Faults>) -> ExitCode
where
    F: Future<Output = anyhow::Result<Service>>,
{
    let outcome = prepare(&Env::from_process())
        .map_err(anyhow::Error::from)
        .and_then(|(settings, build)| {
            let runtime = tokio::runtime::Runtime::new()?;
            let outcome = runtime.block_on(life(&settings, build));
            // What still computes on a blocking thread must not hold up the end.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            ExitCode::FAILURE
        }
    }
}

async fn life<F>(settings: &Settings, build: F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<Service>>,
{
    let mut signals = Signals::listen()?;
    let telemetry = demeter_telemetry::init(&settings.telemetry)?;
    let outcome = tokio::select! {
        outcome = Box::pin(build) => match outcome.with_context(|| settings.name) {
            Ok(service) => until_signal(service, &mut signals).await,
            Err(error) => Err(error),
        },
        () = signals.next() => Ok(()),
    };
    finish(telemetry, &outcome).await;
    outcome
}

async fn until_signal(service: Service, signals: &mut Signals) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let serving = service.serve(shutdown.clone());
    tokio::pin!(serving);
    tokio::select! {
        outcome = &mut serving => return outcome,
        () = signals.next() => shutdown.cancel(),
    }
    serving.await
}

/// Logs a fault, and sends the last spans, which say why; but a collector that
/// does not answer must not hold up the end.
pub async fn finish(telemetry: Telemetry, outcome: &anyhow::Result<()>) {
    let limit = match outcome {
        Ok(()) => FLUSH,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "ended by a fault");
            FLUSH_AFTER_FAULT
        }
    };
    if tokio::time::timeout(limit, telemetry.flush())
        .await
        .is_err()
    {
        tracing::warn!("the last traces were not sent");
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a process, also when its log goes elsewhere"
)]
fn say(error: &anyhow::Error) {
    eprintln!("{error:#}");
}
