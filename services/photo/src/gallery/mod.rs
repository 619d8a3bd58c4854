//! Reads only: photos and their pictures.

mod api;
pub mod store;

pub use api::PhotosApi;
