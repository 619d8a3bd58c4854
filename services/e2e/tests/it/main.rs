//! The whole system, as its users see it: the real binary, the real Envoy, real
//! requests. Once on embedded defaults and once, when their servers are there,
//! on PostgreSQL, Redis and S3.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed set-up should panic"
)]

mod api;
mod attack;
mod harness;
mod main_job;
mod matrix;
mod mesh;
mod operator;
mod ports;
mod raw;
mod recovery;
mod refusals;
