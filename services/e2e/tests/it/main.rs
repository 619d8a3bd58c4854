//! The whole system, as its users see it: the real binary, the real Envoy, real
//! requests. Once as `demeter up` on embedded defaults and once, when their servers
//! are there, as a process per service on PostgreSQL, Redis and S3.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed set-up should panic"
)]

mod api;
mod attack;
mod check;
mod harness;
mod loss;
mod main_job;
mod matrix;
mod mesh;
mod operator;
mod ports;
mod raw;
mod recovery;
mod refusals;
