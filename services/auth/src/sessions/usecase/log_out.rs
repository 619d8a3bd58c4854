//! Signing out.

use crate::auth::Auth;
use crate::error::Error;
use crate::sessions::domain::SessionId;

// === impl Auth ===

impl Auth {
    /// Ends a session; its tokens are refused from now on. Ending it again
    /// does nothing.
    pub async fn log_out(&self, session: SessionId) -> Result<(), Error> {
        Ok(self.store.revoke_session(session, self.clock.now()).await?)
    }
}
