//! Owns photos, their upload, processing sessions and results; drives inference and posts counts to stock.

pub mod api;
pub mod app;
pub mod clients;
pub mod config;
pub mod domain;
pub mod error;
pub mod imaging;
pub mod intake;
pub mod metrics;
pub mod migration;
pub mod store;
pub mod usecase;
pub mod worker;

pub use app::{App, Neighbours, migrate};
pub use config::Config;
