//! Sessions, their refresh tokens, and failed attempts to begin one.

mod login_failures;
mod sessions;
