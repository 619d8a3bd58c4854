//! Forgetting what is over.

use chrono::Duration;

use crate::error::Error;
use crate::sessions::store::{login_failures, sessions};
use crate::sessions::usecase::Sessions;

// === impl Sessions ===

impl Sessions {
    /// Deletes sessions that ended a month ago and failures of yesterday.
    /// Returns how many rows went.
    pub(crate) async fn purge(&self) -> Result<u64, Error> {
        let (connection, now) = (self.store.connection(), self.clock.now());
        let sessions = sessions::purge(connection, now - Duration::days(30)).await?;
        let failures = login_failures::purge(connection, now - Duration::days(1)).await?;
        Ok(sessions + failures)
    }
}
