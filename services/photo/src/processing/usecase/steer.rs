//! What a person does to a session that waits.

use std::sync::Arc;

use demeter_clock::Clock;
use demeter_wakeup::Wakeup;
use tracing::info;

use crate::database::Store;
use crate::error::Error;
use crate::ports::{LocationId, SessionId, Stock};
use crate::processing::domain::{Event, Session, Status, WrongStatus};
use crate::processing::store::sessions::{self, Schedule};
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
        let status = before.status.after(&Event::LocationAssigned(location))?;
        if !self.stock.location_exists(Some(biscuit), location).await? {
            return Err(Error::not_found("location", location.get()));
        }
        let after = self.put_back_to_work(&before, status).await?;
        Ok((photo, after))
    }

    /// Starts a session that failed or waits again, where it stopped.
    pub async fn retry(&self, id: SessionId) -> Result<(Photo, Session), Error> {
        let (photo, before) = self.find(id).await?;
        let status = before.status.after(&Event::RetryAsked)?;
        let after = self.put_back_to_work(&before, status).await?;
        Ok((photo, after))
    }

    async fn find(&self, id: SessionId) -> Result<(Photo, Session), Error> {
        let found = sessions::find(&self.store, id).await?;
        found.ok_or_else(|| Error::not_found("session", id.0))
    }

    async fn put_back_to_work(&self, before: &Session, status: Status) -> Result<Session, Error> {
        let after = Session {
            id: before.id,
            status,
            held_up: None,
        };
        let (from, to) = (before.status.stage(), after.status.stage());
        let now = self.clock.now();
        let schedule = Schedule {
            owner: None,
            keep_lease: false,
            next_attempt_at: now,
            now,
        };
        let saved = sessions::update(&self.store, from, &after, &schedule);
        if !saved.await? {
            // Someone else put it back to work meanwhile.
            return Err(WrongStatus { stage: to }.into());
        }
        info!(session.id = %after.id.0, status = to.name(), "put back to work");
        self.wakeup.notify(JOBS).await;
        Ok(after)
    }
}
