//! Forgetting what is over.

use chrono::Duration;

use crate::error::Error;
use crate::sessions::store::{attempts, sessions};
use crate::sessions::usecase::Sessions;

// === impl Sessions ===

impl Sessions {
    /// Deletes sessions that ended a month ago, attempts that count no more, and
    /// addresses where nobody signed in for half a year. Returns how many rows went.
    pub(crate) async fn purge(&self) -> Result<u64, Error> {
        let (connection, now) = (self.store.connection(), self.clock.now());
        let sessions = sessions::purge(connection, now - Duration::days(30)).await?;
        let attempts = attempts::purge(connection, now, now - Duration::days(180)).await?;
        Ok(sessions + attempts)
    }
}
