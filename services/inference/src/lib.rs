//! Finds and counts the plants in a photo: tiles, model, merge.
//!
//! A photo is decoded and turned upright, cut into overlapping tiles at full
//! resolution and at coarser ones, every tile is looked at by a YOLO11 network,
//! and what several tiles saw is counted once.
//!
//! - `domain` — where to look and which sightings are one plant: pure.
//! - `usecase` — the story of one count, and what it needs from outside.
//! - `engine` — the thread that owns the model, its queue, decoding of photos.
//! - `api` — gRPC.
//! - [`calibrate`] — what a model's boxes are worth, for the command line.
//! - [`detect`] — the same search without a server, for the command line.
//! - [`evaluation`] — how well it counts pictures whose plants are known.
//!
//! Stateless: nothing is kept between two photos.
#![warn(missing_docs)]

mod api;
mod app;
pub mod calibrate;
mod config;
pub mod detect;
mod domain;
mod engine;
pub mod evaluation;
mod metrics;
mod usecase;

pub use app::build;
pub use config::Config;
pub use domain::{
    BadCalibration, Estimate, ModelCard, OutOfRange, Parameters, Range, Rect, Search, Task,
};
pub use engine::{Limits, LoadError, Loaded, load};
