//! Renewing a session.

use secrecy::SecretString;
use tracing::warn;

use crate::auth::{Auth, Tokens};
use crate::error::{Error, Rejected};
use crate::sessions::domain::Standing;
use crate::sessions::opaque::Opaque;

// === impl Auth ===

impl Auth {
    /// Exchanges a refresh token for new tokens of the same session.
    ///
    /// A token that comes a second time was copied by someone, and nobody can
    /// tell who holds the copy: the session ends for both.
    pub async fn refresh(&self, token: SecretString) -> Result<Tokens, Error> {
        let token = Opaque(token);
        demeter_db::retry(|| self.exchange(&token)).await
    }

    async fn exchange(&self, token: &Opaque) -> Result<Tokens, Error> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let Some(known) = tx.lock_refresh_token(&token.hash()).await? else {
            return Err(Rejected::RefreshToken.into());
        };
        if known.used_at.is_some() {
            tx.revoke_session(known.session, now).await?;
            tx.commit().await?;
            warn!(session.id = %known.session, "a refresh token was used twice; the session is ended");
            return Err(Rejected::RefreshToken.into());
        }
        let Some((session, user)) = tx.find_session(known.session).await? else {
            return Err(Rejected::RefreshToken.into());
        };
        if known.expires_at <= now || session.standing(&user, now) != Standing::Good {
            return Err(Rejected::RefreshToken.into());
        }
        let tokens = self.tokens(&user, session.id, now)?;
        let next = self.refresh_token(&tokens.refresh, session.id, now);
        tx.use_refresh_token(&known.hash, now).await?;
        tx.insert_refresh_token(&next, now).await?;
        tx.extend_session(session.id, next.expires_at).await?;
        tx.commit().await?;
        Ok(tokens)
    }
}
