//! The operator's binary as a person at a terminal meets it, where it needs
//! neither a system nor a gateway. `services/e2e` has the rest.

#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

mod bench;
mod calibrate;
mod evaluate;
mod model;
mod roles;
mod words;
