//! Takes a session one step further. Every step can be run again after a crash
//! at any point: it is keyed by the session, and its effect is one write.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use demeter_clock::Clock;
use futures::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{info, warn};

use super::setback::{Setback, Verdict};
use crate::database::Store;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::pictures::Pictures;
use crate::ports::{Inference, SessionId, Stock};
use crate::processing::domain::{Event, Session, Status};
use crate::processing::store::sessions::{self, Schedule};
use crate::uploads::domain::Photo;

/// Takes sessions further.
pub struct Processor {
    /// The truth.
    pub store: Store,
    /// The bytes.
    pub pictures: Pictures,
    /// Locates and posts.
    pub stock: Arc<dyn Stock>,
    /// Counts.
    pub inference: Arc<dyn Inference>,
    /// The time.
    pub clock: Clock,
    /// A permit per MiB that images hold.
    pub decoders: Arc<Semaphore>,
    /// Counts what happens.
    pub metrics: Metrics,
}

/// What the worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The next step.
    GoOn,
    /// Nothing now: it ended, waits for a person, or is tried again later.
    Rest,
    /// Nothing at all: someone else has the session.
    LeaseLost,
}

// === impl Processor ===

impl Processor {
    /// Runs the next step of a session whose lease `owner` holds.
    pub async fn advance(&self, owner: &str, id: SessionId) -> Result<Progress, Error> {
        let Some((photo, session)) = sessions::find(&self.store, id).await? else {
            return Ok(Progress::LeaseLost);
        };
        let started = Instant::now();
        // A panic is a failed try, not the end of the worker.
        let step = AssertUnwindSafe(self.step(&photo, &session)).catch_unwind();
        let Some(outcome) = step.await.unwrap_or_else(|_panic| {
            let why = "the step ended unexpectedly".to_owned();
            Some(Err(Setback::Perhaps(why)))
        }) else {
            return Ok(Progress::Rest);
        };
        let stage = session.status.stage();
        self.metrics.step(stage.name(), started.elapsed());
        match outcome {
            Ok(event) => self.save_event(owner, &session, event).await,
            Err(setback) => self.save_setback(owner, session, setback).await,
        }
    }

    /// What came of the next step; `None` when there is none for a worker.
    async fn step(&self, photo: &Photo, session: &Session) -> Option<Result<Event, Setback>> {
        match &session.status {
            Status::Received { stated } => Some(self.locate(photo, *stated).await),
            Status::Located(_) => Some(Ok(Event::AnalysisStarted)),
            Status::Analysing(_) => Some(self.analyse(photo).await),
            Status::Counted(counted) => Some(self.post(photo, counted).await),
            Status::Posted { .. }
            | Status::NeedsLocation { .. }
            | Status::NeedsConfig { .. }
            | Status::Failed { .. } => None,
        }
    }

    async fn save_event(
        &self,
        owner: &str,
        before: &Session,
        event: Event,
    ) -> Result<Progress, Error> {
        let after = Session {
            id: before.id,
            status: before.status.after(&event)?,
            held_up: None,
        };
        let (from, to) = (before.status.stage(), after.status.stage());
        let now = self.clock.now();
        let schedule = Schedule {
            owner: Some(owner),
            keep_lease: to.is_runnable(),
            next_attempt_at: now,
            now,
        };
        let store = &self.store;
        let saved = match &event {
            Event::PlantsCounted(count) => {
                sessions::update_counted(store, from, &after, count, &schedule).await?
            }
            _ => sessions::update(store, from, &after, &schedule).await?,
        };
        if !saved {
            return Ok(Progress::LeaseLost);
        }
        info!(session.id = %after.id.0, status = to.name(), "went on");
        if to.is_runnable() {
            return Ok(Progress::GoOn);
        }
        self.metrics.job(to.name());
        Ok(Progress::Rest)
    }

    async fn save_setback(
        &self,
        owner: &str,
        before: Session,
        setback: Setback,
    ) -> Result<Progress, Error> {
        let from = before.status.stage();
        let (tries, verdict) = setback.judged(before.tries());
        let after = match verdict {
            Verdict::Again(held_up) => Session {
                held_up: Some(held_up),
                ..before
            },
            Verdict::GiveUp(why) => Session {
                status: before.status.after(&Event::GaveUp(why))?,
                held_up: None,
                ..before
            },
        };
        let to = after.status.stage();
        warn!(session.id = %after.id.0, status = to.name(), tries, reason = after.why(), "held up");
        self.metrics
            .job(if to == from { "held_up" } else { to.name() });
        let now = self.clock.now();
        let schedule = Schedule {
            owner: Some(owner),
            keep_lease: false,
            next_attempt_at: now + super::setback::backoff(tries),
            now,
        };
        let saved = sessions::update(&self.store, from, &after, &schedule);
        Ok(if saved.await? {
            Progress::Rest
        } else {
            Progress::LeaseLost
        })
    }
}
