//! Fields of a request that several subjects read the same way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
pub use demeter_grpc::timestamp;
use prost::Message;
use prost_types::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::database::RequestKey;
use crate::ids::RequestId;
use crate::invalid::Invalid;

/// An instant that a caller sent, as precisely as both databases keep it.
pub fn instant(field: &str, at: Option<Timestamp>) -> Result<DateTime<Utc>, Invalid> {
    let fault = || Invalid::new(field, "must be a time from the year 1970 on");
    let Timestamp { seconds, nanos } = at.ok_or_else(fault)?;
    let nanos = u32::try_from(nanos).map_err(|_negative| fault())?;
    let at = DateTime::from_timestamp(seconds, nanos).ok_or_else(fault)?;
    // Four-digit years sort as text too.
    let known = at >= DateTime::UNIX_EPOCH && seconds < 253_402_300_800;
    known.then(|| at.trunc_subsecs(6)).ok_or_else(fault)
}

/// An instant as RFC 3339 writes it; `None` when empty.
pub fn rfc3339(field: &str, text: &str) -> Result<Option<DateTime<Utc>>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    let fault = |_no_instant| Invalid::new(field, "must be a time such as 2026-10-31T12:00:00Z");
    let at = DateTime::parse_from_rfc3339(text).map_err(fault)?;
    Ok(Some(at.with_timezone(&Utc).trunc_subsecs(6)))
}

/// An ISO 8601 day.
pub fn day(field: &str, text: Option<String>) -> Result<Option<NaiveDate>, Invalid> {
    text.map(|text| text.parse())
        .transpose()
        .map_err(|_no_day| Invalid::new(field, "must be a day like 2026-10-31"))
}

/// A key that is no text of ours.
pub fn key(field: &str, text: &str) -> Result<Uuid, Invalid> {
    text.parse()
        .map_err(|_no_uuid| Invalid::new(field, "must be a UUID"))
}

/// A filter by key; 0 is none.
pub fn above_zero<T>(id: i32, new: impl Fn(i32) -> T) -> Option<T> {
    (id > 0).then(|| new(id))
}

/// A request's id and the digest of the rest of it. `content` is the request
/// without its id, and without whether it is a dry run.
pub fn request_key(
    operation: &'static str,
    request_id: &str,
    content: &impl Message,
) -> Result<RequestKey, Invalid> {
    let digest = Sha256::digest(content.encode_to_vec());
    Ok(RequestKey {
        id: RequestId(key("request_id", request_id)?),
        operation,
        content_hash: URL_SAFE_NO_PAD.encode(digest),
        dry_run: false,
    })
}
