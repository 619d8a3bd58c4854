//! The four services in this process.

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The four services, running.
pub(super) struct Services {
    tasks: JoinSet<anyhow::Result<()>>,
    shutdown: CancellationToken,
}

// === impl Services ===

impl Services {
    /// Starts the four services.
    pub(super) async fn start(env: &Env) -> anyhow::Result<Self> {
        let (clock, ids) = (Clock::system(), Ids::random());
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let config = demeter_auth::Config::from_env(env)?;
        let auth = demeter_auth::App::build(config, clock.clone(), ids.clone())
            .await
            .context("auth")?;
        tasks.spawn(auth.serve(shutdown.clone()));
        let config = demeter_stock::Config::from_env(env)?;
        let stock = demeter_stock::App::build(config, clock.clone(), ids.clone())
            .await
            .context("stock")?;
        tasks.spawn(stock.serve(shutdown.clone()));
        let config = demeter_inference::Config::from_env(env)?;
        let inference = demeter_inference::App::build(config, clock.clone(), ids.clone())
            .await
            .context("inference")?;
        tasks.spawn(inference.serve(shutdown.clone()));
        let config = demeter_photo::Config::from_env(env)?;
        let photo = demeter_photo::App::build(config, clock, ids)
            .await
            .context("photo")?;
        tasks.spawn(photo.serve(shutdown.clone()));
        Ok(Self { tasks, shutdown })
    }

    /// Waits until a service ends by itself, which none should.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("a service stopped by itself"),
        }
    }

    /// Lets running work finish, then ends all services.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            outcome = outcome.and(ended.map_err(anyhow::Error::from).and_then(|result| result));
        }
        outcome
    }
}
