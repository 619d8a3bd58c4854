//! Between rows and domain types.

use sea_orm::ActiveValue::Set;

use crate::database::StoreError;
use crate::database::entity::{detection, photo, session};
use crate::ports::{
    BatchId, CountSummary, Detection, Estimate, LocationId, Place, Range, Rect, SessionId,
};
use crate::processing::domain::{Counted, HeldUp, Known, Session, Status};
use crate::uploads::domain::{Photo, Stage};
use crate::uploads::store::rows as photos;

/// A photo read together with its session.
pub(crate) fn pair(
    found: (photo::Model, Option<session::Model>),
) -> Result<(Photo, Session), StoreError> {
    let (photo, Some(session)) = found else {
        return Err(corrupt("photos.session_id"));
    };
    Ok((photos::photo(photo)?, self::session(&session)?))
}

/// The columns that change as a session goes on. The lease and the schedule
/// are the caller's.
pub(super) fn changed(session: &Session) -> session::ActiveModel {
    let known = session.status.known();
    let place = known.place();
    let count = known.count();
    let estimate = count.map(|count| count.estimate);
    let range = estimate.and_then(|estimate| estimate.range);
    session::ActiveModel {
        status: Set(session.status.stage().name().to_owned()),
        why: Set(session.why().map(str::to_owned)),
        location_id: Set(place.map(|place| place.location.get())),
        location_candidates: Set(place.map_or(0, |place| place.candidates)),
        attempts: Set(session.tries()),
        total_detected: Set(estimate.map(|estimate| estimate.plants)),
        plants_low: Set(range.map(|range| range.low)),
        plants_high: Set(range.map(|range| range.high)),
        boxes: Set(estimate.map(|estimate| estimate.boxes)),
        mean_confidence: Set(count.and_then(|count| count.mean_confidence)),
        model: Set(count.map(|count| count.model.clone())),
        batch_id: Set(session.status.batch().map(|batch| batch.0)),
        ..Default::default()
    }
}

fn session(row: &session::Model) -> Result<Session, StoreError> {
    let stage = photos::stage(&row.status)?;
    let held_up = (stage.is_runnable() && row.attempts > 0).then(|| HeldUp {
        tries: row.attempts,
        why: row.why.clone().unwrap_or_default(),
    });
    Ok(Session {
        id: SessionId(row.session_id),
        status: status(stage, row)?,
        held_up,
    })
}

/// What a stage must have and the row has not is a fault of ours, and told.
fn status(stage: Stage, row: &session::Model) -> Result<Status, StoreError> {
    let place = || place(row).ok_or_else(|| corrupt("sessions.location_id"));
    let counted = || counted(row)?.ok_or_else(|| corrupt("sessions.total_detected"));
    let why = || row.why.clone().ok_or_else(|| corrupt("sessions.why"));
    Ok(match stage {
        Stage::Received => Status::Received {
            stated: row.location_id.and_then(LocationId::new),
        },
        Stage::Located => Status::Located(place()?),
        Stage::Analysing => Status::Analysing(place()?),
        Stage::Counted => Status::Counted(counted()?),
        Stage::Posted => Status::Posted {
            counted: counted()?,
            batch: row.batch_id.map(BatchId),
        },
        Stage::NeedsLocation => Status::NeedsLocation { why: why()? },
        Stage::NeedsConfig => Status::NeedsConfig {
            counted: counted()?,
            why: why()?,
        },
        Stage::Failed => Status::Failed {
            known: known(row)?,
            why: why()?,
        },
    })
}

fn known(row: &session::Model) -> Result<Known, StoreError> {
    let place = || place(row).map_or(Known::Nothing, Known::Place);
    Ok(counted(row)?.map_or_else(place, Known::Count))
}

fn place(row: &session::Model) -> Option<Place> {
    let location = row.location_id.and_then(LocationId::new)?;
    Some(Place {
        location,
        candidates: row.location_candidates,
    })
}

/// `None` until counted. Of counts that are older than the number of boxes, that is
/// the number that was kept.
pub(super) fn estimate(row: &session::Model) -> Option<Estimate> {
    let plants = row.total_detected?;
    Some(Estimate {
        plants,
        range: Range::of(row.plants_low, row.plants_high),
        boxes: row.boxes.unwrap_or(plants),
    })
}

fn counted(row: &session::Model) -> Result<Option<Counted>, StoreError> {
    let Some(estimate) = estimate(row) else {
        return Ok(None);
    };
    let count = CountSummary {
        estimate,
        mean_confidence: row.mean_confidence,
        model: row.model.clone().ok_or_else(|| corrupt("sessions.model"))?,
    };
    let place = place(row).ok_or_else(|| corrupt("sessions.location_id"))?;
    Ok(Some(Counted { place, count }))
}

pub(super) fn detection_row(
    run: SessionId,
    ordinal: i32,
    plant: &Detection,
) -> detection::ActiveModel {
    let Detection {
        rect,
        confidence,
        label,
    } = plant;
    let Rect {
        x_min,
        y_min,
        x_max,
        y_max,
    } = *rect;
    detection::ActiveModel {
        run_id: Set(run.0),
        ordinal: Set(ordinal),
        x_min: Set(x_min),
        y_min: Set(y_min),
        x_max: Set(x_max),
        y_max: Set(y_max),
        confidence: Set(*confidence),
        label: Set(label.clone()),
    }
}

pub(super) fn detection(row: detection::Model) -> Detection {
    let detection::Model {
        run_id: _,
        ordinal: _,
        x_min,
        y_min,
        x_max,
        y_max,
        confidence,
        label,
    } = row;
    let rect = Rect {
        x_min,
        y_min,
        x_max,
        y_max,
    };
    Detection {
        rect,
        confidence,
        label,
    }
}

fn corrupt(what: &'static str) -> StoreError {
    StoreError::Corrupt(what)
}
