//! Writes of uploads: objects come before the photo, and what may be left
//! behind is on record before it exists.

pub(crate) mod rows;

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::database::entity::{answer, pending, photo};
use crate::database::{Store, StoreError};
use crate::pictures::Format;
use crate::ports::SessionId;
use crate::processing::domain::Session;
use crate::processing::store::rows::session_row;
use crate::uploads::domain::Photo;

/// Objects that may be there without a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleUpload {
    /// Gives their keys.
    pub session: SessionId,
    /// Gives the key of the original.
    pub format: Format,
}

/// The kept answer to an upload that carried a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Chosen by the client; counts for one user.
    pub request: Uuid,
    /// Who uploaded.
    pub user: String,
    /// Hash of what was uploaded.
    pub fingerprint: String,
    /// What was answered.
    pub content: String,
}

// === impl Store ===

impl Store {
    /// Records that objects for this session are about to be written.
    pub async fn insert_pending_upload(
        &self,
        upload: StaleUpload,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = pending::ActiveModel {
            session_id: Set(upload.session.0),
            format: Set(upload.format.extension().to_owned()),
            created_at: Set(now),
        };
        pending::Entity::insert(row)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Forgets an upload whose objects are gone.
    pub async fn delete_pending_upload(&self, session: SessionId) -> Result<(), StoreError> {
        pending::Entity::delete_by_id(session.0)
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Lists uploads that began before `before` and never became a photo.
    pub async fn list_stale_uploads(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<StaleUpload>, StoreError> {
        let found = pending::Entity::find()
            .filter(pending::Column::CreatedAt.lt(before))
            .all(&self.connection)
            .await?;
        found
            .into_iter()
            .map(|row| {
                Ok(StaleUpload {
                    session: SessionId(row.session_id),
                    format: rows::format(&row.format)?,
                })
            })
            .collect()
    }

    /// Adds a photo whose objects are stored, with its session, in one
    /// transaction. [`StoreError::Taken`] when the same photo is there already;
    /// [`StoreError::Stale`] when its objects were swept meanwhile.
    pub async fn insert_photo(&self, photo: &Photo, session: &Session) -> Result<(), StoreError> {
        demeter_db::retry(|| self.try_insert_photo(photo, session)).await
    }

    async fn try_insert_photo(&self, photo: &Photo, session: &Session) -> Result<(), StoreError> {
        let tx = demeter_db::begin(&self.connection).await?;
        let gone = pending::Entity::delete_by_id(photo.session.0)
            .exec(&tx)
            .await?;
        if gone.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        photo::Entity::insert(rows::photo_row(photo))
            .exec_without_returning(&tx)
            .await?;
        let mut row = session_row(session);
        row.next_attempt_at = Set(photo.created_at);
        row.lease_owner = Set(None);
        row.lease_expires_at = Set(None);
        row.updated_at = Set(photo.created_at);
        row.insert(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// Reads the kept answer to a request.
    pub async fn find_answer(
        &self,
        user: &str,
        request: Uuid,
    ) -> Result<Option<Answer>, StoreError> {
        let found = answer::Entity::find_by_id((user.to_owned(), request))
            .one(&self.connection)
            .await?;
        Ok(found.map(|row| Answer {
            request: row.request_id,
            user: row.user_id,
            fingerprint: row.fingerprint,
            content: row.answer,
        }))
    }

    /// Keeps an answer. [`StoreError::Taken`] when another upload with the same
    /// request id was quicker.
    pub async fn insert_answer(
        &self,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Answer {
            request,
            user,
            fingerprint,
            content,
        } = answer;
        let row = answer::ActiveModel {
            user_id: Set(user),
            request_id: Set(request),
            fingerprint: Set(fingerprint),
            answer: Set(content),
            created_at: Set(now),
        };
        answer::Entity::insert(row)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }
}
