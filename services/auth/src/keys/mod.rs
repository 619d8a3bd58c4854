//! Keys: those that sign access tokens, as pair and as the public set that the
//! gateway fetches, and those of services.

mod clients;
mod digest;
mod generate;
mod jwks;
pub(crate) mod page;
mod signer;
mod verifier;

pub(crate) use clients::Clients;
pub(crate) use digest::sha256_hex;
pub use generate::{generate_identity_key, generate_jwt_key};
pub(crate) use jwks::{Jwk, Jwks};
pub(crate) use signer::Signer;
pub(crate) use verifier::Verifier;
