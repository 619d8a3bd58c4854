//! The photo service with a real database, object store and wake-up; only the
//! other services are fakes.

#![expect(clippy::unwrap_used, reason = "a failed set-up should panic")]

mod frame;
mod gallery;
mod migration;
mod pictures;
mod processing;
mod support;
mod uploads;
