//! Rows, as sea-orm reads and writes them. Nothing outside the store sees one.

#![expect(unreachable_pub, reason = "sea-orm derives public items")]

pub(super) mod login_failure;
pub(super) mod refresh_token;
pub(super) mod session;
pub(super) mod user;
