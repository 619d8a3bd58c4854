//! Photos, their sessions and their counts as messages, field by field.

use chrono::{DateTime, Utc};
use demeter_proto::photo::v1 as pb;

use crate::grpc::fields::timestamp;
use crate::pictures::Variant;
use crate::ports::{Count, Position};
use crate::processing::domain::Session;
use crate::uploads::api::convert;
use crate::uploads::domain::Photo;

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
    let known = session.status.known();
    let (place, count) = (known.place(), known.count());
    let estimate = count.map(|count| count.estimate);
    let range = estimate.and_then(|estimate| estimate.range);
    let url = |variant: &str| format!("/api/v1/photos/{}/content/{variant}", id.0);
    pb::Photo {
        photo_id: id.0.to_string(),
        session_id: session_id.0.to_string(),
        status: convert::stage(session.status.stage()).into(),
        error_message: session.why().map(str::to_owned),
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
        storage_location_id: place.map(|place| place.location.get()),
        location_candidates: place.map_or(0, |place| place.candidates),
        total_detected: estimate.map(|estimate| estimate.plants),
        avg_confidence: count.and_then(|count| count.mean_confidence).map(narrow),
        model: count.map(|count| count.model.clone()),
        batch_id: session.status.batch().map(|batch| batch.0.to_string()),
        original_url: url("original"),
        thumbnail_url: url("thumbnail"),
        annotated_url: count.map(|_drawn| url("annotated")),
        plants_low: range.map(|range| range.low),
        plants_high: range.map(|range| range.high),
        boxes: estimate.map(|estimate| estimate.boxes),
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
    let stage = session.status.stage();
    pb::GetProgressResponse {
        session_id: id.0.to_string(),
        status: convert::stage(stage).into(),
        progress_percent: i32::from(stage.percent()),
        done: !stage.is_runnable(),
        photo: Some(self::photo((photo, session))),
    }
}

pub(crate) fn result(count: Count, counted_at: DateTime<Utc>) -> pb::CountResult {
    let Count {
        estimate,
        detections,
        model,
        parameters,
    } = count;
    pb::CountResult {
        total_detected: estimate.plants,
        detections: detections.into_iter().map(Into::into).collect(),
        model: Some(model.into()),
        parameters: Some(parameters.into()),
        count_time: Some(timestamp(counted_at)),
        estimate: Some(estimate.into()),
    }
}
