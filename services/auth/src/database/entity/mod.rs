//! Rows, as sea-orm reads and writes them. Nothing outside the store sees one.

#![expect(unreachable_pub, reason = "sea-orm derives public items")]

pub(crate) mod known_address;
pub(crate) mod login_attempt;
pub(crate) mod refresh_token;
pub(crate) mod session;
pub(crate) mod user;
