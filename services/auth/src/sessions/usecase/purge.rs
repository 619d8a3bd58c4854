//! Forgetting what is over.

use chrono::Duration;

use crate::auth::Auth;
use crate::error::Error;

// === impl Auth ===

impl Auth {
    /// Deletes sessions that ended a month ago and failures of yesterday.
    /// Returns how many rows went.
    pub async fn purge(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let sessions = self.store.purge_sessions(now - Duration::days(30)).await?;
        let failures = self
            .store
            .purge_login_failures(now - Duration::days(1))
            .await?;
        Ok(sessions + failures)
    }
}
