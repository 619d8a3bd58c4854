//! `PhotoService`: decodes, calls, encodes.

mod download;
mod handlers;

pub use handlers::PhotosApi;
