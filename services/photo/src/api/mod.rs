//! The gRPC face: decodes, calls, encodes.

mod convert;
mod download;
mod incoming;
mod photos;
mod processing;
mod status;

pub use photos::PhotosApi;
pub use processing::ProcessingApi;
