//! Refresh tokens: random, meaningless, stored as hashes only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::keys::sha256_hex;
use crate::sessions::domain::TokenHash;

/// A refresh token.
#[derive(Clone, Debug)]
pub struct Opaque(pub SecretString);

// === impl Opaque ===

impl Opaque {
    /// 256 random bits.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into())
    }

    /// What is stored. One round of SHA-256 is enough for something that
    /// nobody can guess.
    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256_hex(self.0.expose_secret()))
    }
}
