//! What a person does to a session that waits.

use demeter_clock::Clock;
use demeter_wakeup::Wakeup;
use std::sync::Arc;
use tracing::info;

use crate::database::Store;
use crate::error::Error;
use crate::ports::{LocationId, SessionId, Stock};
use crate::processing::domain::{Event, Session, WrongStatus};
use crate::processing::store::Schedule;
use crate::uploads::JOBS;
use crate::uploads::domain::Photo;

/// Puts waiting sessions back to work.
pub struct Steering {
    /// The truth.
    pub store: Store,
    /// Knows the locations.
    pub stock: Arc<dyn Stock>,
    /// Wakes the workers.
    pub wakeup: Wakeup,
    /// The time.
    pub clock: Clock,
}

// === impl Steering ===

impl Steering {
    /// Says where a photo belongs; `biscuit` is the person's.
    pub async fn assign_location(
        &self,
        biscuit: &str,
        id: SessionId,
        location: LocationId,
    ) -> Result<(Photo, Session), Error> {
        let (photo, before) = self.find(id).await?;
        let counted = before.is_counted();
        let status = before.status.after(Event::LocationAssigned { counted })?;
        if !self.stock.location_exists(biscuit, location).await? {
            return Err(Error::not_found("location", location.get()));
        }
        let after = Session {
            status,
            location: Some(location),
            ..resting(&before)
        };
        self.save(&before, after)
            .await
            .map(|session| (photo, session))
    }

    /// Starts a session that failed or waits again, where it stopped.
    pub async fn retry(&self, id: SessionId) -> Result<(Photo, Session), Error> {
        let (photo, before) = self.find(id).await?;
        let event = Event::RetryAsked {
            located: before.location.is_some(),
            counted: before.is_counted(),
        };
        let after = Session {
            status: before.status.after(event)?,
            ..resting(&before)
        };
        self.save(&before, after)
            .await
            .map(|session| (photo, session))
    }

    async fn find(&self, id: SessionId) -> Result<(Photo, Session), Error> {
        let found = self.store.find_session(id).await?;
        found.ok_or_else(|| Error::not_found("session", id.0))
    }

    async fn save(&self, before: &Session, after: Session) -> Result<Session, Error> {
        let now = self.clock.now();
        let schedule = Schedule {
            owner: None,
            keep_lease: false,
            next_attempt_at: now,
            now,
        };
        let saved = self.store.update_session(before.status, &after, &schedule);
        if !saved.await? {
            // Someone else put it back to work meanwhile.
            return Err(WrongStatus {
                status: after.status,
            }
            .into());
        }
        info!(session.id = %after.id.0, status = after.status.name(), "put back to work");
        self.wakeup.notify(JOBS).await;
        Ok(after)
    }
}

fn resting(before: &Session) -> Session {
    Session {
        message: String::new(),
        attempts: 0,
        ..before.clone()
    }
}
