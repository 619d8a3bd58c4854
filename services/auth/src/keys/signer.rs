//! Signs access tokens.

use chrono::{DateTime, Duration, Utc};
use demeter_service::TokenNames;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use uuid::Uuid;

use crate::error::Error;
use crate::keys::generate::{KeyError, public_x};
use crate::keys::{Jwk, Jwks};
use crate::people::domain::User;
use crate::sessions::domain::SessionId;

/// What the signer's tokens say about where they are from.
#[derive(Clone, Debug)]
pub struct SignerConfig {
    /// `iss` and `aud`.
    pub names: TokenNames,
    /// From signing to expiry.
    pub lifetime: Duration,
}

/// Signs access tokens with Ed25519.
pub struct Signer {
    config: SignerConfig,
    key: EncodingKey,
    public: Jwk,
}

/// A JWT and how long it works.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// For the `authorization: Bearer` header.
    pub token: SecretString,
    /// Seconds from now.
    pub expires_in: i32,
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

// === impl Signer ===

impl Signer {
    /// Takes the private key, PKCS#8 PEM.
    pub fn new(config: SignerConfig, private_key: &SecretString) -> Result<Self, KeyError> {
        let public = Jwk::ed25519(public_x(private_key)?);
        match EncodingKey::from_ed_pem(private_key.expose_secret().trim().as_bytes()) {
            Ok(key) => Ok(Self {
                config,
                key,
                public,
            }),
            Err(_) => Err(KeyError),
        }
    }

    /// The public half, for the gateway.
    pub fn jwks(&self) -> Jwks {
        Jwks {
            keys: vec![self.public.clone()],
        }
    }

    /// Signs a token of this session. `jti` must be new.
    pub fn sign(
        &self,
        user: &User,
        session: SessionId,
        jti: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Error> {
        let claims = Claims {
            iss: &self.config.names.issuer,
            aud: &self.config.names.audience,
            sub: user.id.0,
            sid: session.0,
            role: user.role.name(),
            email: user.email.as_str(),
            iat: now.timestamp(),
            exp: (now + self.config.lifetime).timestamp(),
            jti,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.public.kid.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.key).map_err(Error::internal)?;
        let expires_in = i32::try_from(self.config.lifetime.num_seconds()).unwrap_or(i32::MAX);
        Ok(AccessToken {
            token: token.into(),
            expires_in,
        })
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Signer")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
