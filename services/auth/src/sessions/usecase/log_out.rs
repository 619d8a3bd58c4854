//! Signing out.

use crate::error::Error;
use crate::people::domain::Actor;
use crate::sessions::store::sessions;
use crate::sessions::usecase::Sessions;

// === impl Sessions ===

impl Sessions {
    /// Ends the session that a person acts in; its tokens are refused from now on.
    /// Ending it again does nothing.
    pub(crate) async fn log_out(&self, actor: Actor) -> Result<(), Error> {
        Ok(sessions::revoke_own(self.store.connection(), actor, self.clock.now()).await?)
    }
}
