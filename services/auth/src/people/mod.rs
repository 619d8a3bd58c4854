//! People: who they are, what they may do, and the password that proves it.

pub(crate) mod api;
pub(crate) mod domain;
pub(crate) mod hashing;
pub(crate) mod store;
pub(crate) mod usecase;
