//! The answer to an upload as a message.

use demeter_proto::photo::v1 as pb;

use crate::uploads::domain::{Answer, Rejected, Stage, Stored};

pub(crate) fn stage(stage: Stage) -> pb::ProcessingStatus {
    match stage {
        Stage::Received => pb::ProcessingStatus::Received,
        Stage::Located => pb::ProcessingStatus::Located,
        Stage::Analysing => pb::ProcessingStatus::Analysing,
        Stage::Counted => pb::ProcessingStatus::Counted,
        Stage::Posted => pb::ProcessingStatus::Posted,
        Stage::NeedsLocation => pb::ProcessingStatus::NeedsLocation,
        Stage::NeedsConfig => pb::ProcessingStatus::NeedsConfig,
        Stage::Failed => pb::ProcessingStatus::Failed,
    }
}

pub(crate) fn answer(answer: Answer) -> pb::UploadPhotosResponse {
    let Answer { stored, rejected } = answer;
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
        stage,
        duplicate,
    } = stored;
    pb::UploadedPhoto {
        photo_id: photo.0.to_string(),
        session_id: session.0.to_string(),
        filename,
        status: self::stage(stage).into(),
        poll_url: format!("/api/v1/photos/sessions/{}/progress", session.0),
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
