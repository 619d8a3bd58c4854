//! Signing in.

use demeter_db::write;
use secrecy::SecretString;

use crate::database::Tx;
use crate::error::{Error, Rejected};
use crate::people::domain::{Email, SessionHandle, User};
use crate::people::store as people;
use crate::sessions::attempt::{Address, Attempt};
use crate::sessions::domain::{Session, SessionId};
use crate::sessions::store::{attempts, sessions};
use crate::sessions::usecase::{Sessions, Tokens};

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
        address: Option<Address>,
    ) -> Result<(Tokens, User), Error> {
        let attempt = Attempt::new(email, address);
        let turn = self.turn(&attempt).await?;
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
        self.forgive(&turn).await?;
        if !user.active {
            return Err(Error::UserDisabled);
        }
        let (user, pair) = (&user, &attempt.pair());
        write(self.store.connection(), |tx| async move {
            if let Some(pair) = pair {
                attempts::remember(&*tx, pair.clone(), self.clock.now()).await?;
            }
            self.open_session(&tx, user.clone()).await
        })
        .await
    }

    /// A new session, its first tokens, and the user who has just signed in.
    pub(super) async fn open_session(&self, tx: &Tx, mut user: User) -> Result<(Tokens, User), Error> {
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
