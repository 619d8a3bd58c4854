//! Owns users, sessions and keys; signs the tokens that the gateway verifies.
//!
//! People sign in and get a JWT and a refresh token. Before every call the
//! gateway asks ([`build`] serves Envoy's external authorization) and gets a
//! biscuit that says who calls, or the reason why not. Services get theirs for
//! client credentials. Every other service verifies biscuits offline.

#![warn(missing_docs)]

mod api;
mod app;
mod config;
pub mod domain;
pub mod error;
pub mod hashing;
mod metrics;
pub mod migration;
mod operator;
pub mod store;
pub mod token;
pub mod usecase;

pub use app::build;
pub use config::Config;
pub use domain::User;
pub use error::Error;
pub use operator::{create_admin, migrate};
pub use token::{generate_identity_key, generate_jwt_key};
