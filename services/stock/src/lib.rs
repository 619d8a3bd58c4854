//! Owns places, catalogue, prices, batches and the movement ledger.
//!
//! `api` takes calls in, `usecase` tells each verb's story, `domain` decides,
//! `store` remembers. The ledger only grows: a batch's quantity is the sum of
//! its movements, at every moment.

#![warn(missing_docs)]
#![expect(
    unreachable_pub,
    reason = "the layers are private; this file says what leaves the crate"
)]

mod api;
mod app;
mod config;
mod domain;
mod error;
mod import;
mod invalid;
mod migration;
mod store;
mod usecase;

pub use app::{App, migrate};
pub use config::Config;
pub use import::{Imported, PlacesGeoJson, import_places};
