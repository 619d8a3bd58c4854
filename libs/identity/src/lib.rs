//! Who is calling: verifies the biscuit, authorizes from the proto's access
//! option and attenuates for the next hop.
//!
//! The [`Issuer`] signs a biscuit whose authority block says who the caller is
//! and what they may do. Every service's [`Guard`] verifies it offline and lets
//! an RPC in only where the [`Policy`], read from the descriptor set, grants
//! it: no rule, no entry. [`attenuate`] narrows a biscuit before it is handed
//! to another service; nothing can widen one.

mod caller;
mod guard;
mod issuer;
mod policy;
mod refusal;
mod right;
mod shape;

pub use caller::{Caller, CallerKind};
pub use guard::Guard;
pub use issuer::{Grant, Issuer, attenuate};
pub use policy::{Access, Policy};
pub use refusal::DOMAIN;
pub use right::{Right, UnknownRight};

/// The request header (gRPC metadata key) that carries the biscuit.
pub const HEADER: &str = "x-demeter-identity";

/// Why a key, a token or a descriptor set cannot be used. Never contains the
/// key or the token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is not a hex Ed25519 key of the expected kind.
    #[error("not a hex-encoded Ed25519 key")]
    Key,
    /// The token cannot be read, signed or extended.
    #[error("the token is not usable")]
    Token(#[source] biscuit_auth::error::Token),
    /// The descriptor set does not decode, or lacks the access option.
    #[error("the descriptor set is not usable: {0}")]
    Descriptor(String),
}
