//! Instants as messages carry them.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;

/// Seconds and nanoseconds of an instant.
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    // Below two thousand million, in a leap second too.
    let nanos = i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0);
    Timestamp {
        seconds: at.timestamp(),
        nanos,
    }
}
