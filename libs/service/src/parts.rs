//! The servers and workers of a service: they live and end together.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// One server or worker, not yet running.
pub(crate) struct Part {
    pub(crate) name: String,
    /// Stops it dead.
    pub(crate) kill: CancellationToken,
    work: BoxFuture<'static, anyhow::Result<()>>,
}

/// Parts that run, each with its name and how it ended.
#[derive(Default)]
pub(crate) struct Parts(JoinSet<(String, anyhow::Result<()>)>);

// === impl Part ===

impl Part {
    pub(crate) fn new(
        name: impl Into<String>,
        work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            kill: CancellationToken::new(),
            work: work.boxed(),
        }
    }

    async fn run(self) -> (String, anyhow::Result<()>) {
        let Self { name, kill, work } = self;
        let work = AssertUnwindSafe(work).catch_unwind();
        let outcome = match kill.run_until_cancelled_owned(work).await {
            Some(Ok(outcome)) => outcome.with_context(|| format!("the {name} failed")),
            Some(Err(panic)) => Err(anyhow!("the {name} panicked: {}", message(panic.as_ref()))),
            None => Err(anyhow!("the {name} was killed")),
        };
        (name, outcome)
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}

// === impl Parts ===

impl Parts {
    pub(crate) fn start(&mut self, part: Part) {
        self.0.spawn(part.run().in_current_span());
    }

    /// Waits until one ends, which none should; never, when there is none.
    pub(crate) async fn first_end(&mut self) -> anyhow::Error {
        match self.0.join_next().await {
            Some(Ok((name, Ok(())))) => anyhow!("the {name} stopped by itself"),
            Some(Ok((_name, Err(error)))) => error,
            Some(Err(error)) => error.into(),
            None => std::future::pending().await,
        }
    }

    /// Waits until all have ended, and drops those that take longer than
    /// `limit`. The first error counts.
    pub(crate) async fn finish(&mut self, limit: Duration) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        let all = async {
            while let Some(ended) = self.0.join_next().await {
                let ended = ended.map_err(anyhow::Error::from);
                let ended = ended.and_then(|(_name, outcome)| outcome);
                outcome = std::mem::replace(&mut outcome, Ok(())).and(ended);
            }
        };
        let in_time = tokio::time::timeout(limit, all).await.is_ok();
        if !in_time {
            tracing::warn!(parts = self.0.len(), "work was cut off at the end");
            self.0.shutdown().await;
        }
        outcome
    }
}
