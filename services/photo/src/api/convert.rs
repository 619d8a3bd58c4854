//! Between messages and domain types, field by field.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use demeter_proto::inference::v1 as inference;
use demeter_proto::photo::v1 as pb;
use uuid::Uuid;

use crate::domain::{
    Count, Detection, LocationId, Model, Parameters, Photo, Position, Session, Status, Variant,
};
use crate::error::Error;
use crate::usecase::{Outcome, Rejected, Stored};

/// A key in a field that the codec has found to be a UUID.
pub(super) fn uuid(field: &'static str, text: &str) -> Result<Uuid, Error> {
    parsed(field, text)
}

pub(super) fn parsed<T: FromStr>(field: &'static str, text: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Error::Invalid {
        field,
        problem: error.to_string(),
    })
}

pub(super) fn time(
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

pub(super) fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

pub(super) fn status(status: Status) -> pb::ProcessingStatus {
    match status {
        Status::Received => pb::ProcessingStatus::Received,
        Status::Located => pb::ProcessingStatus::Located,
        Status::Analysing => pb::ProcessingStatus::Analysing,
        Status::Counted => pb::ProcessingStatus::Counted,
        Status::Posted => pb::ProcessingStatus::Posted,
        Status::NeedsLocation => pb::ProcessingStatus::NeedsLocation,
        Status::NeedsConfig => pb::ProcessingStatus::NeedsConfig,
        Status::Failed => pb::ProcessingStatus::Failed,
    }
}

/// What a client filters by: `None` for the zero value; an error for a status
/// that no session has.
pub(super) fn status_filter(number: i32) -> Result<Option<Status>, Error> {
    if number == pb::ProcessingStatus::Unspecified as i32 {
        return Ok(None);
    }
    Status::ALL
        .into_iter()
        .find(|known| status(*known) as i32 == number)
        .map(Some)
        .ok_or_else(|| Error::Invalid {
            field: "status",
            problem: "is a status that no photo has".to_owned(),
        })
}

pub(super) fn photo((photo, session): (Photo, Session)) -> pb::Photo {
    let Photo {
        id,
        session: session_id,
        sha256,
        requested_location: _,
        format,
        size_bytes,
        width_px,
        height_px,
        position,
        captured_at,
        observed_at: _,
        created_at,
        user,
        filename,
    } = photo;
    let counted = session.is_counted();
    let Session {
        id: _,
        status,
        message,
        location,
        location_candidates,
        attempts: _,
        total_detected,
        mean_confidence,
        model,
        batch,
    } = session;
    let url = |variant: &str| format!("/api/v1/photos/{}/content/{variant}", id.0);
    pb::Photo {
        photo_id: id.0.to_string(),
        session_id: session_id.0.to_string(),
        status: self::status(status).into(),
        error_message: message,
        filename,
        content_type: Variant::Original.content_type(format).to_owned(),
        size_bytes,
        sha256,
        width_px,
        height_px,
        longitude: position.map(Position::longitude),
        latitude: position.map(Position::latitude),
        capture_time: captured_at.map(timestamp),
        create_time: Some(timestamp(created_at)),
        user_id: user,
        storage_location_id: location.map_or(0, LocationId::get),
        location_candidates,
        total_detected,
        avg_confidence: mean_confidence.map(narrow),
        model,
        batch_id: batch,
        original_url: url("original"),
        thumbnail_url: url("thumbnail"),
        annotated_url: if counted {
            url("annotated")
        } else {
            String::new()
        },
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a share between 0 and 1 needs few digits"
)]
fn narrow(share: f64) -> f32 {
    share as f32
}

pub(super) fn progress((photo, session): (Photo, Session)) -> pb::GetProgressResponse {
    let id = session.id;
    let status = session.status;
    pb::GetProgressResponse {
        session_id: id.0.to_string(),
        status: self::status(status).into(),
        progress_percent: i32::from(status.percent()),
        done: !status.is_runnable(),
        photo: Some(self::photo((photo, session))),
    }
}

pub(super) fn outcome(outcome: Outcome) -> pb::UploadPhotosResponse {
    let Outcome { stored, rejected } = outcome;
    pb::UploadPhotosResponse {
        photos: stored.into_iter().map(self::stored).collect(),
        rejected: rejected.into_iter().map(self::rejected).collect(),
    }
}

fn stored(stored: Stored) -> pb::UploadedPhoto {
    let Stored {
        photo,
        session,
        filename,
        status,
        duplicate,
    } = stored;
    let status = Status::from_name(&status).map_or(pb::ProcessingStatus::Unspecified, self::status);
    pb::UploadedPhoto {
        photo_id: photo.to_string(),
        session_id: session.to_string(),
        filename,
        status: status.into(),
        poll_url: format!("/api/v1/photos/sessions/{session}/progress"),
        duplicate,
    }
}

fn rejected(rejected: Rejected) -> pb::RejectedFile {
    let Rejected {
        filename,
        reason,
        message,
    } = rejected;
    pb::RejectedFile {
        filename,
        reason,
        message,
    }
}

pub(super) fn result(count: Count, counted_at: DateTime<Utc>) -> pb::CountResult {
    let total_detected = count.total();
    let Count {
        detections,
        model,
        parameters,
    } = count;
    let Parameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
    } = parameters;
    pb::CountResult {
        total_detected,
        detections: detections.into_iter().map(detection).collect(),
        model: Some(self::model(model)),
        parameters: Some(inference::DetectionParameters {
            tile_size_px,
            tile_overlap,
            min_confidence,
            merge_threshold,
        }),
        count_time: Some(timestamp(counted_at)),
    }
}

fn detection(detection: Detection) -> inference::Detection {
    let Detection {
        x_min,
        y_min,
        x_max,
        y_max,
        confidence,
        label,
    } = detection;
    inference::Detection {
        r#box: Some(inference::Box {
            x_min,
            y_min,
            x_max,
            y_max,
        }),
        confidence,
        label,
    }
}

fn model(model: Model) -> inference::Model {
    let Model {
        name,
        version,
        task,
        classes,
        sha256,
    } = model;
    inference::Model {
        name,
        version,
        task,
        classes,
        sha256,
    }
}
