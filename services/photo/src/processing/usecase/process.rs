//! Takes a session one step further. Every step can be run again after a crash
//! at any point: it is keyed by the session, and its effect is one write.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use chrono::Duration;
use demeter_clock::Clock;
use demeter_objects::ObjectError;
use futures::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::database::Store;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::pictures::imaging::annotated;
use crate::pictures::{Pictures, Variant};
use crate::ports::{CallError, Count, Inference, PhotoCount, SessionId, Stock};
use crate::processing::domain::{Event, Session, Status};
use crate::processing::store::Schedule;
use crate::uploads::domain::Photo;

/// Failures that say nothing about whether trying again helps are tried this
/// often.
const MAX_ATTEMPTS: i32 = 5;
/// The longest wait between two tries.
const MAX_BACKOFF_SECONDS: i64 = 30;

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
    /// One permit per image in memory.
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

/// What a step found out.
struct Change {
    event: Event,
    /// As it shall be; its status is still the one before.
    session: Session,
    count: Option<Count>,
}

/// Why a step did not happen.
enum Setback {
    /// It can be tried again for as long as it takes.
    Later(String),
    /// It can be tried a few times.
    Perhaps(String),
    /// Trying again does not help.
    Never(String),
}

// === impl Processor ===

impl Processor {
    /// Runs the next step of a session whose lease `owner` holds.
    pub async fn advance(&self, owner: &str, id: SessionId) -> Result<Progress, Error> {
        let Some((photo, session)) = self.store.find_session(id).await? else {
            return Ok(Progress::LeaseLost);
        };
        if !session.status.is_runnable() {
            return Ok(Progress::Rest);
        }
        let started = Instant::now();
        // A panic is a failed try, not the end of the worker.
        let step = AssertUnwindSafe(self.step(&photo, session.clone())).catch_unwind();
        let change = step.await.unwrap_or_else(|_panic| {
            Err(Setback::Perhaps("the step ended unexpectedly".to_owned()))
        });
        self.metrics.step(session.status.name(), started.elapsed());
        match change {
            Ok(change) => self.save_change(owner, &session, change).await,
            Err(setback) => self.save_setback(owner, &session, setback).await,
        }
    }

    async fn step(&self, photo: &Photo, session: Session) -> Result<Change, Setback> {
        match session.status {
            Status::Received => self.locate(photo, session).await,
            Status::Located => Ok(Change::new(Event::AnalysisStarted, session)),
            Status::Analysing => self.analyse(photo, session).await,
            Status::Counted => self.post(photo, session).await,
            Status::Posted | Status::NeedsLocation | Status::NeedsConfig | Status::Failed => {
                Err(Setback::Later("nothing to do".to_owned()))
            }
        }
    }

    async fn locate(&self, photo: &Photo, session: Session) -> Result<Change, Setback> {
        if session.location.is_some() {
            return Ok(Change::new(Event::LocationFound, session));
        }
        let Some(position) = photo.position else {
            return Ok(waits(
                session,
                Event::LocationUnknown,
                "the photo has no GPS position: assign its location",
            ));
        };
        let found = self.stock.locate(position).await.map_err(setback)?;
        let Some(nearest) = found.first() else {
            return Ok(waits(
                session,
                Event::LocationUnknown,
                "the photo was taken outside every location: assign its location",
            ));
        };
        let located = Session {
            location: Some(*nearest),
            location_candidates: i32::try_from(found.len()).unwrap_or(i32::MAX),
            ..session
        };
        Ok(Change::new(Event::LocationFound, located))
    }

    async fn analyse(&self, photo: &Photo, session: Session) -> Result<Change, Setback> {
        let original = self.pictures.original(photo).await.map_err(stored)?;
        let count = self
            .inference
            .count_plants(original.clone())
            .await
            .map_err(setback)?;
        let (picture, count) = self.draw(photo, original, count).await?;
        // The picture before the row that says there is one.
        self.pictures
            .put(photo.session, photo.format, Variant::Annotated, picture)
            .await
            .map_err(stored)?;
        let counted = Session {
            total_detected: Some(count.total()),
            mean_confidence: count.mean_confidence(),
            model: format!("{} {}", count.model.name, count.model.version),
            ..session
        };
        let mut change = Change::new(Event::PlantsCounted, counted);
        change.count = Some(count);
        Ok(change)
    }

    async fn draw(
        &self,
        photo: &Photo,
        original: Bytes,
        count: Count,
    ) -> Result<(Bytes, Count), Setback> {
        let permit = Arc::clone(&self.decoders).acquire_owned().await;
        let permit = permit.map_err(later)?;
        let format = photo.format;
        let drawn = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            (annotated(&original, format, &count), count)
        });
        let (picture, count) = drawn
            .await
            .map_err(|panic| Setback::Perhaps(panic.to_string()))?;
        let picture = picture.map_err(|refusal| Setback::Never(refusal.to_string()))?;
        Ok((picture.into(), count))
    }

    async fn post(&self, photo: &Photo, session: Session) -> Result<Change, Setback> {
        let (Some(location), Some(quantity)) = (session.location, session.total_detected) else {
            return Err(Setback::Never("the session lost its count".to_owned()));
        };
        let count = PhotoCount {
            session: session.id,
            location,
            quantity,
            observed_at: photo.observed_at,
            user: photo.user.clone(),
        };
        match self.stock.post_count(&count).await {
            Ok(batch) => {
                let posted = Session {
                    batch: batch.unwrap_or_default(),
                    ..session
                };
                Ok(Change::new(Event::CountPosted, posted))
            }
            Err(CallError::Refused { reason, .. }) if reason == "NO_CONFIGURATION" => Ok(waits(
                session,
                Event::ConfigurationMissing,
                "nothing says what grows in the location: configure it, then retry",
            )),
            Err(error) => Err(setback(error)),
        }
    }

    async fn save_change(
        &self,
        owner: &str,
        before: &Session,
        change: Change,
    ) -> Result<Progress, Error> {
        let Change {
            event,
            session,
            count,
        } = change;
        let status = before.status.after(event)?;
        let after = Session {
            status,
            attempts: 0,
            ..session
        };
        let now = self.clock.now();
        let schedule = Schedule {
            owner: Some(owner),
            keep_lease: status.is_runnable(),
            next_attempt_at: now,
            now,
        };
        let saved = match count {
            Some(count) => {
                self.store
                    .update_counted(before.status, &after, &count, &schedule)
                    .await?
            }
            None => {
                self.store
                    .update_session(before.status, &after, &schedule)
                    .await?
            }
        };
        if !saved {
            return Ok(Progress::LeaseLost);
        }
        info!(session.id = %after.id.0, status = status.name(), "went on");
        if status.is_runnable() {
            return Ok(Progress::GoOn);
        }
        self.metrics.job(status.name());
        Ok(Progress::Rest)
    }

    async fn save_setback(
        &self,
        owner: &str,
        before: &Session,
        setback: Setback,
    ) -> Result<Progress, Error> {
        let attempts = before.attempts.saturating_add(1);
        let (gives_up, message) = match setback {
            Setback::Later(message) => (false, message),
            Setback::Perhaps(message) => (attempts >= MAX_ATTEMPTS, message),
            Setback::Never(message) => (true, message),
        };
        let status = if gives_up {
            before.status.after(Event::GaveUp)?
        } else {
            before.status
        };
        warn!(session.id = %before.id.0, status = status.name(), attempts, reason = message, "held up");
        self.metrics
            .job(if gives_up { "failed" } else { "held_up" });
        let after = Session {
            status,
            message,
            attempts,
            ..before.clone()
        };
        let now = self.clock.now();
        let schedule = Schedule {
            owner: Some(owner),
            keep_lease: false,
            next_attempt_at: now + backoff(attempts),
            now,
        };
        let saved = self.store.update_session(before.status, &after, &schedule);
        Ok(if saved.await? {
            Progress::Rest
        } else {
            Progress::LeaseLost
        })
    }
}

// === impl Change ===

impl Change {
    fn new(event: Event, session: Session) -> Self {
        let session = Session {
            message: String::new(),
            ..session
        };
        Self {
            event,
            session,
            count: None,
        }
    }
}

fn waits(session: Session, event: Event, message: &str) -> Change {
    let mut change = Change::new(event, session);
    message.clone_into(&mut change.session.message);
    change
}

fn setback(error: CallError) -> Setback {
    match error {
        CallError::Busy(message) => Setback::Later(message),
        CallError::Refused { message, .. } => Setback::Never(message),
        CallError::Forbidden(message) | CallError::Broken(message) => Setback::Perhaps(message),
    }
}

/// A picture that is gone does not come back by waiting.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn stored(error: ObjectError) -> Setback {
    let message = error.to_string();
    match error {
        ObjectError::Store(_) => Setback::Later(message),
        ObjectError::NotFound { .. } | ObjectError::Key { .. } => Setback::Perhaps(message),
    }
}

fn later(error: impl std::fmt::Display) -> Setback {
    Setback::Later(error.to_string())
}

/// 1, 2, 4, 8, 16 and then 30 seconds.
fn backoff(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(5);
    Duration::seconds((1 << doublings).min(MAX_BACKOFF_SECONDS))
}
