//! What is done with sessions, one file per verb.

mod log_in;
mod log_out;
mod purge;
mod refresh;
mod throttle;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use demeter_clock::{Clock, Ids};

use crate::database::Store;
use crate::error::Error;
use crate::keys::Signer;
use crate::people::domain::User;
use crate::people::hashing::Hasher;
use crate::sessions::access_token::{AccessToken, AccessTokens};
use crate::sessions::domain::{RefreshToken, SessionId};
use crate::sessions::opaque::Opaque;

/// What signing in, going on and signing out work with.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) signer: Arc<Signer>,
    pub(crate) access_tokens: AccessTokens,
    /// How long a session lasts without being refreshed.
    pub(crate) lifetime: Duration,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// What a person needs to go on.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// For every call.
    pub(crate) access: AccessToken,
    /// For the next access token; works once.
    pub(crate) refresh: Opaque,
}

// === impl Sessions ===

impl Sessions {
    /// New tokens of a session; nothing is stored.
    fn tokens(&self, user: &User, session: SessionId, now: DateTime<Utc>) -> Result<Tokens, Error> {
        let jti = self.ids.next();
        let access = self
            .access_tokens
            .sign(&self.signer, (user, session), jti, now)?;
        Ok(Tokens {
            access,
            refresh: Opaque::random(),
        })
    }

    /// What is stored of a refresh token.
    fn refresh_token(
        &self,
        token: &Opaque,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> RefreshToken {
        RefreshToken {
            hash: token.hash(),
            session,
            expires_at: now + self.lifetime,
            used_at: None,
        }
    }
}
