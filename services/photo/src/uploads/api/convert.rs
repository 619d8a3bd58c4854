//! The answer to an upload as a message.

use demeter_proto::photo::v1 as pb;

use crate::processing::api::convert;
use crate::processing::domain::Status;
use crate::uploads::usecase::{Outcome, Rejected, Stored};

pub(crate) fn outcome(outcome: Outcome) -> pb::UploadPhotosResponse {
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
    let status =
        Status::from_name(&status).map_or(pb::ProcessingStatus::Unspecified, convert::status);
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
