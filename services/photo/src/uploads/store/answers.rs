//! Answers to uploads that carried a request id: one row per file, with the keys
//! of what is stored. The photo itself is read again.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::rows;
use crate::database::StoreError;
use crate::database::entity::{answer, answered_file, photo};
use crate::ports::SessionId;
use crate::uploads::domain::{Answer, PhotoId, Rejected, Stored};

/// One upload, so that it can be told from another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who uploads.
    pub user: String,
    /// Chosen by the client; counts for one user.
    pub id: Uuid,
    /// Hash of what is uploaded.
    pub fingerprint: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Reads the kept answer to a request, and the fingerprint of the upload that it
/// answers.
pub async fn find(
    connection: &impl ConnectionTrait,
    user: &str,
    id: Uuid,
) -> Result<Option<(String, Answer)>, StoreError> {
    let request = answer::Entity::find_by_id((user.to_owned(), id))
        .one(connection)
        .await?;
    let Some(request) = request else {
        return Ok(None);
    };
    let files = answered_file::Entity::find()
        .find_also_related(photo::Entity)
        .filter(answered_file::Column::UserId.eq(user))
        .filter(answered_file::Column::RequestId.eq(id))
        .order_by_asc(answered_file::Column::Ordinal)
        .all(connection)
        .await?;
    let mut answer = Answer {
        stored: Vec::new(),
        rejected: Vec::new(),
    };
    for (file, photo) in files {
        match photo {
            Some(photo) => answer.stored.push(stored(file, &photo)?),
            None => answer.rejected.push(rejected(file)?),
        }
    }
    Ok(Some((request.fingerprint, answer)))
}

/// Keeps an answer. [`StoreError::Taken`] when another upload with the same
/// request id was quicker.
pub async fn insert(
    tx: &impl ConnectionTrait,
    request: &Request,
    answer: &Answer,
) -> Result<(), StoreError> {
    let row = answer::ActiveModel {
        user_id: Set(request.user.clone()),
        request_id: Set(request.id),
        fingerprint: Set(request.fingerprint.clone()),
        created_at: Set(request.received_at),
    };
    answer::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let stored = answer.stored.iter().map(stored_row);
    let files = stored.chain(answer.rejected.iter().map(rejected_row));
    let rows = (0..)
        .zip(files)
        .map(|(ordinal, file)| answered_file::ActiveModel {
            user_id: Set(request.user.clone()),
            request_id: Set(request.id),
            ordinal: Set(ordinal),
            ..file
        });
    answered_file::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn stored_row(stored: &Stored) -> answered_file::ActiveModel {
    let Stored {
        photo: _,
        session,
        filename,
        stage,
        duplicate,
    } = stored;
    answered_file::ActiveModel {
        filename: Set(filename.clone()),
        session_id: Set(Some(session.0)),
        status: Set(Some(stage.name().to_owned())),
        duplicate: Set(Some(*duplicate)),
        reason: Set(None),
        message: Set(None),
        ..Default::default()
    }
}

fn rejected_row(rejected: &Rejected) -> answered_file::ActiveModel {
    let Rejected {
        filename,
        reason,
        message,
    } = rejected;
    answered_file::ActiveModel {
        filename: Set(filename.clone()),
        session_id: Set(None),
        status: Set(None),
        duplicate: Set(None),
        reason: Set(Some(reason.clone())),
        message: Set(Some(message.clone())),
        ..Default::default()
    }
}

fn stored(file: answered_file::Model, photo: &photo::Model) -> Result<Stored, StoreError> {
    let (Some(status), Some(duplicate)) = (file.status, file.duplicate) else {
        return Err(StoreError::Corrupt("upload_request_files.status"));
    };
    Ok(Stored {
        photo: PhotoId(photo.photo_id),
        session: SessionId(photo.session_id),
        filename: file.filename,
        stage: rows::stage(&status)?,
        duplicate,
    })
}

fn rejected(file: answered_file::Model) -> Result<Rejected, StoreError> {
    let (Some(reason), Some(message)) = (file.reason, file.message) else {
        return Err(StoreError::Corrupt("upload_request_files.reason"));
    };
    Ok(Rejected {
        filename: file.filename,
        reason,
        message,
    })
}
