//! Uploads whose objects may be there without a photo.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::rows;
use crate::database::entity::pending;
use crate::database::{Store, StoreError};
use crate::pictures::Format;
use crate::ports::SessionId;

/// Objects that may be there without a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleUpload {
    /// Gives their keys.
    pub session: SessionId,
    /// Gives the key of the original.
    pub format: Format,
}

/// Records that objects for this session are about to be written.
pub async fn insert(
    store: &Store,
    upload: StaleUpload,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = pending::ActiveModel {
        session_id: Set(upload.session.0),
        format: Set(upload.format.extension().to_owned()),
        created_at: Set(now),
    };
    let insert = pending::Entity::insert(row).exec_without_returning(store.connection());
    store.durably("the pending upload", insert).await?;
    Ok(())
}

/// Forgets an upload whose objects are gone.
pub async fn delete(store: &Store, session: SessionId) -> Result<(), StoreError> {
    pending::Entity::delete_by_id(session.0)
        .exec(store.connection())
        .await?;
    Ok(())
}

/// Lists uploads that began before `before` and never became a photo.
pub async fn list_stale(
    store: &Store,
    before: DateTime<Utc>,
) -> Result<Vec<StaleUpload>, StoreError> {
    let found = pending::Entity::find()
        .filter(pending::Column::CreatedAt.lt(before))
        .all(store.connection())
        .await?;
    let upload = |row: pending::Model| {
        Ok(StaleUpload {
            session: SessionId(row.session_id),
            format: rows::format(&row.format)?,
        })
    };
    found.into_iter().map(upload).collect()
}
