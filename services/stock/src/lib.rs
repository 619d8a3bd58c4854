//! Owns places, catalogue, prices, batches and the movement ledger.
//!
//! A subject uses only the subjects before it: `catalog`, `places`, `beds`,
//! `ledger`, `counting`, `months`, `reports`, `exchange`, `proof`. Inside each, `api` takes
//! calls in, `usecase` tells each verb's story, `domain` decides, `store` remembers. The ledger only
//! grows: a batch's quantity is the sum of its movements, at every moment.

#![warn(missing_docs)]
#![expect(
    unreachable_pub,
    reason = "the subjects are private; this file says what leaves the crate"
)]

mod app;
mod beds;
mod catalog;
mod config;
mod counting;
mod database;
mod error;
mod exchange;
mod grpc;
mod ids;
mod import;
mod invalid;
mod ledger;
mod migration;
mod months;
mod operator;
mod places;
mod proof;
mod reports;

pub use app::{build, migrate};
pub use config::Config;
pub use import::{Imported, PlacesGeoJson, import_places};
pub use operator::{export_ledger, verify_ledger};
pub use proof::{Exported, LAWS, Law, Violation, export, violations};
