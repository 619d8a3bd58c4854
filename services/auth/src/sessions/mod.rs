//! Signing in, going on, and signing out.

pub(crate) mod access_token;
pub(crate) mod api;
pub(crate) mod attempt;
pub(crate) mod domain;
mod opaque;
pub(crate) mod store;
pub(crate) mod usecase;
