//! Signing in.

use chrono::Duration;
use demeter_db::write;
use secrecy::SecretString;

use crate::database::Tx;
use crate::error::{Error, Exhausted, Rejected};
use crate::keys::sha256_hex;
use crate::people::domain::{Email, SessionHandle, User};
use crate::people::store as people;
use crate::sessions::domain::{Session, SessionId};
use crate::sessions::store::{login_failures, sessions};
use crate::sessions::usecase::{Sessions, Tokens};

/// So many failures with one address, and nobody signs in with it for a while.
const MAX_FAILURES: u64 = 10;

/// The while.
fn failure_window() -> Duration {
    Duration::minutes(15)
}

// === impl Sessions ===

impl Sessions {
    /// Signs a person in: a new session, its tokens, and who they are.
    ///
    /// An unknown address and a wrong password take the same time and give the
    /// same error.
    pub(crate) async fn log_in(
        &self,
        email: &str,
        password: SecretString,
    ) -> Result<(Tokens, User), Error> {
        let attempt = sha256_hex(&email.trim().to_lowercase());
        self.count_attempt(&attempt).await?;
        // What is not an address has no user, and takes as long to find out.
        let found = match email.parse::<Email>() {
            Ok(email) => people::find_credentials(self.store.connection(), &email).await?,
            Err(_) => None,
        };
        let (user, phc) = found.map(|found| (found.user, found.password_hash)).unzip();
        let matches = self.hasher.verify(password, phc).await?;
        let Some(user) = user.filter(|_| matches) else {
            return Err(Rejected::Credentials.into());
        };
        login_failures::clear(self.store.connection(), &attempt).await?;
        if !user.active {
            return Err(Error::UserDisabled);
        }
        let user = &user;
        write(self.store.connection(), |tx| async move {
            self.open_session(&tx, user.clone()).await
        })
        .await
    }

    /// Every attempt counts as failed until its password proves right, so that
    /// guessing in parallel gains nothing.
    async fn count_attempt(&self, attempt: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let failures =
            login_failures::count(self.store.connection(), attempt, now - failure_window()).await?;
        if failures >= MAX_FAILURES {
            return Err(Exhausted::Attempts.into());
        }
        login_failures::insert(self.store.connection(), self.ids.next(), attempt, now).await?;
        Ok(())
    }

    async fn open_session(&self, tx: &Tx, mut user: User) -> Result<(Tokens, User), Error> {
        let now = self.clock.now();
        let session = Session {
            id: SessionId(self.ids.next()),
            handle: SessionHandle::random(),
            user: user.id,
            created_at: now,
            expires_at: now + self.lifetime,
            revoked_at: None,
        };
        user.last_login_at = Some(now);
        let tokens = self.tokens(&user, session.id, now)?;
        sessions::insert(tx, &session).await?;
        let refresh = self.refresh_token(&tokens.refresh, session.id, now);
        sessions::insert_refresh_token(tx, &refresh, now).await?;
        people::touch(tx, user.id, now).await?;
        Ok((tokens, user))
    }
}
