//! Keys and what they sign: the JWT that people carry. Biscuits are
//! `demeter_identity`'s.

mod generate;
mod jwks;
pub(crate) mod page;
mod signer;

pub use generate::{generate_identity_key, generate_jwt_key};
pub use jwks::{Jwk, Jwks};
pub use signer::{AccessToken, Signer, SignerConfig};
