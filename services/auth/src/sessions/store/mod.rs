//! Sessions, their refresh tokens, and failed attempts to begin one.

pub(super) mod login_failures;
pub(crate) mod sessions;
