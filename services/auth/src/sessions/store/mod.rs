//! Sessions, their refresh tokens, and attempts to begin one.

pub(super) mod attempts;
pub(crate) mod sessions;
