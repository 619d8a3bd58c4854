//! The JWT that a person carries: what it says, and for how long.

use chrono::{DateTime, Duration, Utc};
use demeter_service::TokenNames;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;
use crate::keys::{Signer, Verifier};
use crate::people::domain::{User, UserId};
use crate::sessions::domain::SessionId;

/// What is the same in every access token.
#[derive(Clone, Debug)]
pub struct AccessTokens {
    /// `iss` and `aud`.
    pub names: TokenNames,
    /// From signing to expiry.
    pub lifetime: Duration,
}

/// A JWT and how long it works.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    /// For the `authorization: Bearer` header.
    pub(crate) token: SecretString,
    /// Seconds from now.
    pub(crate) expires_in: i32,
}

/// Whose session an access token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// `sub`.
    pub(crate) user: UserId,
    /// `sid`.
    pub(crate) session: SessionId,
}

/// How far clocks may be apart, as at the gateway.
const SKEW: Duration = Duration::seconds(30);

/// What is signed.
#[derive(Serialize)]
struct Content<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: Uuid,
    sid: Uuid,
    role: &'a str,
    email: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// What is read of it. Role and address are for the web app: here they are asked
/// of the database, as they are now.
#[derive(Deserialize)]
struct Said {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

// === impl AccessTokens ===

impl AccessTokens {
    /// Signs a token of this session. `jti` must be new.
    pub(crate) fn sign(
        &self,
        signer: &Signer,
        (user, session): (&User, SessionId),
        jti: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Error> {
        let token = signer.sign(&Content {
            iss: &self.names.issuer,
            aud: &self.names.audience,
            sub: user.id.0,
            sid: session.0,
            role: user.role.name(),
            email: user.email.as_str(),
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
            jti,
        })?;
        Ok(AccessToken {
            token,
            expires_in: i32::try_from(self.lifetime.num_seconds()).unwrap_or(i32::MAX),
        })
    }

    /// Whose session a token speaks for; `None` unless we signed it, as an access
    /// token for this system, and it works now.
    pub(crate) fn read(
        &self,
        verifier: &Verifier,
        token: &SecretString,
        now: DateTime<Utc>,
    ) -> Option<Claims> {
        let said: Said = verifier.read(token.expose_secret())?;
        let Said {
            iss,
            aud,
            sub,
            sid,
            iat,
            exp,
        } = said;
        let is_ours = iss == self.names.issuer && aud == self.names.audience;
        let works = iat <= (now + SKEW).timestamp() && exp > (now - SKEW).timestamp();
        (is_ours && works).then_some(Claims {
            user: UserId(sub),
            session: SessionId(sid),
        })
    }
}
