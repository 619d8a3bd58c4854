//! `PhotoService`: decodes, calls, encodes.

mod convert;
mod download;
mod handlers;

pub use handlers::PhotosApi;
