//! The whole service over real sockets, on every database that is there.

#![expect(clippy::unwrap_used, reason = "a test that panics says where")]

mod check;
mod frame;
mod guessing;
mod harness;
mod mesh;
mod migration;
mod sessions;
mod users;
