//! Works on sessions, one at a time, for as long as it holds their lease.

use std::sync::Arc;
use std::time::Duration;

use demeter_clock::Clock;
use demeter_wakeup::Wakeup;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span, warn};

use super::domain::Lease;
use super::store::leases;
use super::usecase::{Processor, Progress};
use crate::database::Store;
use crate::error::Error;
use crate::ports::SessionId;
use crate::uploads::JOBS;

/// After that long without a heartbeat others take over.
const LEASE: chrono::Duration = chrono::Duration::seconds(15);
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A worker looks for work this often without being woken.
const POLL: Duration = Duration::from_secs(5);
/// The wait after the database failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// One worker.
pub struct Worker {
    /// The truth.
    pub store: Store,
    /// Takes sessions further.
    pub processor: Arc<Processor>,
    /// Wakes it.
    pub wakeup: Wakeup,
    /// The time.
    pub clock: Clock,
    /// Its name: no other worker that runs has it.
    pub owner: String,
}

// === impl Worker ===

impl Worker {
    /// Works until `shutdown`, then gives its lease back.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let pause = match self.work_once(&shutdown).await {
                Ok(true) => continue,
                Ok(false) => POLL,
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "could not look for work"
                    );
                    AFTER_ERROR
                }
            };
            tokio::select! {
                _woken = self.wakeup.wait(JOBS, pause) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Takes one session as far as it goes; false when there is none to take.
    pub async fn work_once(&self, shutdown: &CancellationToken) -> Result<bool, Error> {
        let now = self.clock.now();
        let Some(id) = leases::claim(&self.store, &self.lease(), now).await? else {
            return Ok(false);
        };
        // There may be more than one; another worker that sleeps shall look too.
        self.wakeup.notify(JOBS).await;
        let span = info_span!("job", session.id = %id.0);
        self.hold(id, shutdown).instrument(span).await?;
        Ok(true)
    }

    async fn hold(&self, id: SessionId, shutdown: &CancellationToken) -> Result<(), Error> {
        let worked = tokio::select! {
            biased;
            // A step that is cut off is run again from its beginning.
            () = shutdown.cancelled() => Ok(()),
            () = self.keep_lease(id) => {
                warn!("lost the lease");
                return Ok(());
            }
            worked = self.steps(id) => worked,
        };
        leases::release(&self.store, id, &self.owner).await?;
        worked
    }

    async fn steps(&self, id: SessionId) -> Result<(), Error> {
        // On the heap: a step holds its statements, which are large.
        let step = || Box::pin(self.processor.advance(&self.owner, id));
        while step().await? == Progress::GoOn {}
        Ok(())
    }

    /// Returns when the lease is lost.
    async fn keep_lease(&self, id: SessionId) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match leases::extend(&self.store, id, &self.lease()).await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease outlasts a short loss of the database.
                Err(error) => warn!(
                    error = &error as &dyn std::error::Error,
                    "could not keep the lease alive"
                ),
            }
        }
    }

    fn lease(&self) -> Lease {
        Lease {
            owner: self.owner.clone(),
            until: self.clock.now() + LEASE,
        }
    }
}
