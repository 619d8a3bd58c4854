//! The gRPC face: decode, call, encode.

mod convert;
mod inference;
mod status;

pub(crate) use inference::InferenceApi;
