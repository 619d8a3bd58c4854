//! The four services in this process.

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_service::Service;
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
        // Four services are much to carry through the callers.
        Ok(Self::of(Box::pin(build(env)).await?))
    }

    fn of(services: impl IntoIterator<Item = Service>) -> Self {
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for service in services {
            tasks.spawn(service.serve(shutdown.clone()));
        }
        Self { tasks, shutdown }
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

/// All four, with their ports taken: nothing is served before the last of them
/// can be.
async fn build(env: &Env) -> anyhow::Result<[Service; 4]> {
    let (clock, ids) = (Clock::system(), Ids::random());
    let auth = demeter_auth::Config::from_env(env)?;
    let stock = demeter_stock::Config::from_env(env)?;
    let inference = demeter_inference::Config::from_env(env)?;
    let photo = demeter_photo::Config::from_env(env)?;
    Ok([
        demeter_auth::build(auth, clock.clone(), ids.clone())
            .await
            .context("auth")?,
        demeter_stock::build(stock, clock.clone(), ids.clone())
            .await
            .context("stock")?,
        demeter_inference::build(inference, clock.clone(), ids.clone())
            .await
            .context("inference")?,
        demeter_photo::build(photo, clock, ids)
            .await
            .context("photo")?,
    ])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::system::{Ports, Settings};

    #[tokio::test]
    async fn when_a_part_of_one_service_ends_the_whole_system_is_told() {
        let folder = tempfile::tempdir().unwrap();
        // Not the databases and servers that this machine's variables name.
        let env = Env::from_pairs([("LOG_LEVEL", "info")]);
        let data = folder.path().join("data");
        let settings = Settings::beside(env, &data, &Ports::free().unwrap()).unwrap();
        settings.migrate().await.unwrap();
        let services = build(settings.env()).await.unwrap();
        let stock = services[1].handle();
        let mut running = Services::of(services);

        assert!(stock.kill("ops server"));

        let error = tokio::time::timeout(Duration::from_secs(1), running.failed()).await;
        let error = format!("{:#}", error.unwrap());
        assert_eq!(error, "stock: the ops server was killed");
        running.stop().await.unwrap();
    }
}
