//! The JWT that a person carries: what it says, and for how long.

use chrono::{DateTime, Duration, Utc};
use demeter_service::TokenNames;
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

use crate::error::Error;
use crate::keys::Signer;
use crate::people::domain::User;
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

#[derive(Serialize)]
struct Claims<'a> {
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
        let token = signer.sign(&Claims {
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
}
