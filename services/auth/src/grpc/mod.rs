//! What every handler has in common.

mod status;

use chrono::{DateTime, Utc};
use prost_types::Timestamp;

use crate::error::Error;

pub(crate) use status::DOMAIN;

/// A moment of the proto.
pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

/// A field that cannot be read.
pub(crate) fn invalid(field: &'static str, error: &dyn std::error::Error) -> Error {
    Error::Invalid {
        field,
        problem: error.to_string(),
    }
}
