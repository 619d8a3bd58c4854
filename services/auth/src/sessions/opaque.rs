//! Refresh tokens: random, meaningless, stored as hashes only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

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

/// SHA-256 in lower-case hex.
pub fn sha256_hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
