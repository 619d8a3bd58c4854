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
        let matches = match self.hasher.verify(password, phc).await {
            Ok(matches) => matches,
            Err(error) => {
                // Nothing was learnt about the password.
                self.take_back(&turn).await?;
                return Err(error);
            }
        };
        let Some(user) = user.filter(|_| matches) else {
            return Err(Rejected::Credentials.into());
        };
        self.forgive(&turn).await?;
        if !user.active {
            return Err(Error::UserDisabled);
        }
        if let Some(pair) = attempt.pair() {
            attempts::remember(self.store.connection(), pair, self.clock.now()).await?;
        }
        self.begin(user).await
    }

    /// A new session of someone who has shown who they are.
    pub(crate) async fn begin(&self, user: User) -> Result<(Tokens, User), Error> {
        let user = &user;
        write(self.store.connection(), |tx| async move {
            self.open_session(&tx, user.clone()).await
        })
        .await
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
