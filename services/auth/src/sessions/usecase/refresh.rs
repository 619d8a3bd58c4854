//! Renewing a session.

use secrecy::SecretString;
use tracing::warn;

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
        let token = Opaque(token);
        demeter_db::retry(|| self.exchange(&token)).await
    }

    async fn exchange(&self, token: &Opaque) -> Result<Tokens, Error> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let Some(known) = sessions::lock_refresh_token(&tx, &token.hash()).await? else {
            return Err(Rejected::RefreshToken.into());
        };
        if known.used_at.is_some() {
            sessions::revoke(tx.connection(), known.session, now).await?;
            tx.commit().await?;
            warn!(session.id = %known.session, "a refresh token was used twice; the session is ended");
            return Err(Rejected::RefreshToken.into());
        }
        let Some((session, user)) = sessions::find(tx.connection(), known.session).await? else {
            return Err(Rejected::RefreshToken.into());
        };
        if known.expires_at <= now || session.standing(&user, now) != Standing::Good {
            return Err(Rejected::RefreshToken.into());
        }
        let tokens = self.tokens(&user, session.id, now)?;
        let next = self.refresh_token(&tokens.refresh, session.id, now);
        sessions::use_refresh_token(tx.connection(), &known.hash, now).await?;
        sessions::insert_refresh_token(tx.connection(), &next, now).await?;
        sessions::extend(tx.connection(), session.id, next.expires_at).await?;
        tx.commit().await?;
        Ok(tokens)
    }
}
