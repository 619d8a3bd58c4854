//! Fields that all messages have in common, decoded and encoded.

use std::str::FromStr;

use chrono::{DateTime, Utc};
pub(crate) use demeter_grpc::timestamp;
use uuid::Uuid;

use crate::error::Error;

/// A key in a field that the codec has found to be a UUID.
pub(crate) fn uuid(field: &'static str, text: &str) -> Result<Uuid, Error> {
    parsed(field, text)
}

pub(crate) fn parsed<T: FromStr>(field: &'static str, text: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Error::Invalid {
        field,
        problem: error.to_string(),
    })
}

pub(crate) fn time(
    field: &'static str,
    timestamp: prost_types::Timestamp,
) -> Result<DateTime<Utc>, Error> {
    let prost_types::Timestamp { seconds, nanos } = timestamp;
    u32::try_from(nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(seconds, nanos))
        .ok_or_else(|| Error::Invalid {
            field,
            problem: "is not a time".to_owned(),
        })
}
