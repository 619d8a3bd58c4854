//! The whole service: real model, real sockets, real identity.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

mod built_in;
mod command_line;
mod counting;
mod frame;
mod server;
