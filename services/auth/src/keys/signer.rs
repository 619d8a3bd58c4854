//! Signs access tokens.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::error::Error;
use crate::keys::generate::{KeyError, public_half};
use crate::keys::{Jwk, Jwks, Verifier};

/// Signs JWTs with Ed25519.
pub(crate) struct Signer {
    key: EncodingKey,
    public: Jwk,
    verifier: Verifier,
}

// === impl Signer ===

impl Signer {
    /// Takes the private key, PKCS#8 PEM.
    pub(crate) fn new(private_key: &SecretString) -> Result<Self, KeyError> {
        let half = public_half(private_key)?;
        let public = Jwk::ed25519(&half);
        let verifier = Verifier::new(half, public.kid.clone());
        match EncodingKey::from_ed_pem(private_key.expose_secret().trim().as_bytes()) {
            Ok(key) => Ok(Self {
                key,
                public,
                verifier,
            }),
            Err(_) => Err(KeyError),
        }
    }

    /// The public half, for the gateway.
    pub(crate) fn jwks(&self) -> Jwks {
        Jwks {
            keys: vec![self.public.clone()],
        }
    }

    /// What verifies the tokens that this signs.
    pub(crate) fn verifier(&self) -> Verifier {
        self.verifier.clone()
    }

    /// A JWT that says this; its header names the key.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<SecretString, Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.public.kid.clone());
        let token = jsonwebtoken::encode(&header, claims, &self.key).map_err(Error::internal)?;
        Ok(token.into())
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Signer")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
