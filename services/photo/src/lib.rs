//! Owns photos, their upload, processing sessions and results; drives inference and posts counts to stock.

pub mod app;
pub mod checkpoints;
pub mod clients;
pub mod config;
pub mod database;
pub mod error;
pub mod gallery;
mod grpc;
pub mod housekeeping;
pub mod metrics;
pub mod migration;
pub mod pictures;
pub mod ports;
pub mod processing;
pub mod uploads;

pub use app::{Neighbours, build, build_beside, migrate};
pub use config::Config;
