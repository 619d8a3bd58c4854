//! Signing in.

use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;

use crate::auth::{Auth, Tokens};
use crate::error::{Error, Exhausted, Rejected};
use crate::people::domain::{Email, User};
use crate::sessions::domain::{RefreshToken, Session, SessionId};
use crate::sessions::opaque::{Opaque, sha256_hex};

/// So many failures with one address, and nobody signs in with it for a while.
const MAX_FAILURES: u64 = 10;

/// The while.
fn failure_window() -> Duration {
    Duration::minutes(15)
}

// === impl Auth ===

impl Auth {
    /// Signs a person in: a new session, its tokens, and who they are.
    ///
    /// An unknown address and a wrong password take the same time and give the
    /// same error.
    pub async fn log_in(
        &self,
        email: &str,
        password: SecretString,
    ) -> Result<(Tokens, User), Error> {
        let attempt = sha256_hex(&email.trim().to_lowercase());
        self.count_attempt(&attempt).await?;
        // What is not an address has no user, and takes as long to find out.
        let found = match email.parse::<Email>() {
            Ok(email) => self.store.find_credentials(&email).await?,
            Err(_) => None,
        };
        let (user, phc) = found.map(|found| (found.user, found.password_hash)).unzip();
        let matches = self.hasher.verify(password, phc).await?;
        let Some(user) = user.filter(|_| matches) else {
            return Err(Rejected::Credentials.into());
        };
        self.store.clear_login_failures(&attempt).await?;
        if !user.active {
            return Err(Error::UserDisabled);
        }
        demeter_db::retry(|| self.open_session(user.clone())).await
    }

    /// Every attempt counts as failed until its password proves right, so that
    /// guessing in parallel gains nothing.
    async fn count_attempt(&self, attempt: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let failures = self
            .store
            .count_login_failures(attempt, now - failure_window())
            .await?;
        if failures >= MAX_FAILURES {
            return Err(Exhausted::Attempts.into());
        }
        self.store
            .insert_login_failure(self.ids.next(), attempt, now)
            .await?;
        Ok(())
    }

    async fn open_session(&self, mut user: User) -> Result<(Tokens, User), Error> {
        let now = self.clock.now();
        let session = Session {
            id: SessionId(self.ids.next()),
            user: user.id,
            created_at: now,
            expires_at: now + self.session_lifetime,
            revoked_at: None,
        };
        user.last_login_at = Some(now);
        let tokens = self.tokens(&user, session.id, now)?;
        let tx = self.store.begin().await?;
        tx.insert_session(&session).await?;
        tx.insert_refresh_token(&self.refresh_token(&tokens.refresh, session.id, now), now)
            .await?;
        tx.touch_user(user.id, now).await?;
        tx.commit().await?;
        Ok((tokens, user))
    }

    /// New tokens of a session; nothing is stored.
    pub(crate) fn tokens(
        &self,
        user: &User,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Tokens, Error> {
        let access = self.signer.sign(user, session, self.ids.next(), now)?;
        Ok(Tokens {
            access,
            refresh: Opaque::random(),
        })
    }

    /// What is stored of a refresh token.
    pub(crate) fn refresh_token(
        &self,
        token: &Opaque,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> RefreshToken {
        RefreshToken {
            hash: token.hash(),
            session,
            expires_at: now + self.session_lifetime,
            used_at: None,
        }
    }
}
