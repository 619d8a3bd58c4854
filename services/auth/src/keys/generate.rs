//! The Ed25519 key of the JWTs: reading it, and making new ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demeter_identity::Issuer;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
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

/// The public half of a JWT key, as `x` of a JWK.
pub(super) fn public_x(pem: &SecretString) -> Result<String, KeyError> {
    match SigningKey::from_pkcs8_pem(pem.expose_secret().trim()) {
        Ok(key) => Ok(URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes())),
        Err(_) => Err(KeyError),
    }
}
