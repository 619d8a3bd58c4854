//! The Ed25519 key of the JWTs: reading it, and making new ones.

use demeter_identity::Issuer;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{SigningKey, VerifyingKey};
use secrecy::{ExposeSecret as _, SecretString};

/// The text is no PKCS#8 PEM of an Ed25519 key. Never contains the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an Ed25519 private key in PKCS#8 PEM")]
pub struct KeyError;

/// A new key for signing JWTs, as PKCS#8 PEM for `AUTH_JWT_PRIVATE_KEY`.
pub fn generate_jwt_key() -> Result<SecretString, KeyError> {
    let key = SigningKey::from_bytes(&rand::random::<[u8; 32]>());
    match key.to_pkcs8_pem(LineEnding::LF) {
        Ok(pem) => Ok(pem.as_str().into()),
        Err(_) => Err(KeyError),
    }
}

/// A new root key pair for identities: the private key for
/// `IDENTITY_PRIVATE_KEY` and the public one for `IDENTITY_PUBLIC_KEY`, in hex.
pub fn generate_identity_key() -> (SecretString, String) {
    Issuer::generate()
}

/// The public half of a JWT key.
pub(super) fn public_half(pem: &SecretString) -> Result<VerifyingKey, KeyError> {
    match SigningKey::from_pkcs8_pem(pem.expose_secret().trim()) {
        Ok(key) => Ok(key.verifying_key()),
        Err(_) => Err(KeyError),
    }
}
