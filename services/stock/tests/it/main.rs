//! The stock service through a real socket, on every engine that is there.
#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

mod access;
mod as_of;
mod beds;
mod catalog;
mod counting;
mod database;
mod exchange;
mod frame;
mod harness;
mod ledger;
mod months;
mod proof;
mod reports;
