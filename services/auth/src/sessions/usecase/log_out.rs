//! Signing out.

use crate::error::Error;
use crate::sessions::domain::SessionId;
use crate::sessions::store::sessions;
use crate::sessions::usecase::Sessions;

// === impl Sessions ===

impl Sessions {
    /// Ends a session; its tokens are refused from now on. Ending it again
    /// does nothing.
    pub(crate) async fn log_out(&self, session: SessionId) -> Result<(), Error> {
        Ok(sessions::revoke(self.store.connection(), session, self.clock.now()).await?)
    }
}
