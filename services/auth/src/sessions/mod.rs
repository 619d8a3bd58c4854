//! Signing in, going on, and signing out.

pub(crate) mod api;
pub(crate) mod domain;
pub(crate) mod opaque;
pub(crate) mod store;
pub(crate) mod usecase;
