//! Photos, their sessions and their counts as messages, field by field.

use chrono::{DateTime, Utc};
use demeter_proto::inference::v1 as inference;
use demeter_proto::photo::v1 as pb;

use crate::error::Error;
use crate::grpc::fields::timestamp;
use crate::pictures::Variant;
use crate::ports::{Count, Detection, LocationId, Model, Parameters, Position};
use crate::processing::domain::{Session, Status};
use crate::uploads::domain::Photo;

pub(crate) fn status(status: Status) -> pb::ProcessingStatus {
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
pub(crate) fn status_filter(number: i32) -> Result<Option<Status>, Error> {
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

pub(crate) fn photo((photo, session): (Photo, Session)) -> pb::Photo {
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

pub(crate) fn progress((photo, session): (Photo, Session)) -> pb::GetProgressResponse {
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

pub(crate) fn result(count: Count, counted_at: DateTime<Utc>) -> pb::CountResult {
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
