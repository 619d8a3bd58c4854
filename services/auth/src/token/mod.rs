//! Keys and tokens: the JWT that people carry, the refresh token that renews
//! it, and their hashes. Biscuits are `demeter_identity`'s.

mod jwks;
mod keys;
mod opaque;
mod signer;

pub use jwks::{Jwk, Jwks};
pub use keys::{KeyError, generate_identity_key, generate_jwt_key};
pub use opaque::{Opaque, sha256_hex};
pub use signer::{AccessToken, Signer, SignerConfig};
