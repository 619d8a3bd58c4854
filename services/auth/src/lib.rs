//! Owns users, sessions and keys; signs the tokens that the gateway verifies.
//!
//! People sign in and get a JWT and a refresh token. Before every call the
//! gateway asks ([`build`] serves Envoy's external authorization) and gets a
//! biscuit that says who calls, or the reason why not. Services get theirs for
//! client credentials. Every other service verifies biscuits offline.

#![warn(missing_docs)]
#![expect(
    unreachable_pub,
    reason = "the subjects are private; this file says what leaves the crate"
)]

mod admission;
mod app;
mod config;
mod database;
mod error;
mod grpc;
mod keys;
mod migration;
mod operator;
mod people;
mod sessions;

pub use app::build;
pub use config::Config;
pub use error::Error;
pub use keys::{generate_identity_key, generate_jwt_key};
pub use operator::{create_admin, migrate, sign_in};
pub use people::domain::{Role, User};
