//! Renewing a session.

use demeter_db::write;
use secrecy::SecretString;
use tracing::warn;

use crate::database::Tx;
use crate::error::{Error, Rejected};
use crate::sessions::domain::Standing;
use crate::sessions::opaque::Opaque;
use crate::sessions::store::sessions;
use crate::sessions::usecase::{Sessions, Tokens};

// === impl Sessions ===

impl Sessions {
    /// Exchanges a refresh token for new tokens of the same session.
    ///
    /// A token that comes a second time was copied by someone, and nobody can
    /// tell who holds the copy: the session ends for both.
    pub(crate) async fn refresh(&self, token: SecretString) -> Result<Tokens, Error> {
        let token = &Opaque(token);
        let exchanged = write(self.store.connection(), |tx| async move {
            self.exchange(&tx, token).await
        });
        exchanged.await?.ok_or(Rejected::RefreshToken.into())
    }

    /// None when the token is not good for anything; what that did to its session
    /// stands.
    async fn exchange(&self, tx: &Tx, token: &Opaque) -> Result<Option<Tokens>, Error> {
        let Some(known) = sessions::lock_refresh_token(tx, &token.hash()).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if known.used_at.is_some() {
            sessions::revoke(tx, known.session, now).await?;
            warn!(session.id = %known.session, "a refresh token was used twice; the session is ended");
            return Ok(None);
        }
        let Some((session, user)) = sessions::find(tx, known.session).await? else {
            return Ok(None);
        };
        if known.expires_at <= now || session.standing(&user, now) != Standing::Good {
            return Ok(None);
        }
        let tokens = self.tokens(&user, session.id, now)?;
        let next = self.refresh_token(&tokens.refresh, session.id, now);
        sessions::use_refresh_token(tx, &known.hash, now).await?;
        sessions::insert_refresh_token(tx, &next, now).await?;
        sessions::extend(tx, session.id, next.expires_at).await?;
        Ok(Some(tokens))
    }
}
