//! Reads of photos with their sessions.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Condition,
};

use crate::database::entity::{photo, session};
use crate::database::{Store, StoreError};
use crate::ports::{LocationId, SessionId};
use crate::processing::domain::{Session, Status};
use crate::processing::store::rows::session as session_of;
use crate::uploads::domain::{Photo, PhotoId};
use crate::uploads::store::rows;

/// Which photos to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<PhotoId>,
}

// === impl Store ===

impl Store {
    /// Reads a photo.
    pub async fn find_photo(&self, id: PhotoId) -> Result<Option<(Photo, Session)>, StoreError> {
        self.find(photo::Column::PhotoId.eq(id.0).into()).await
    }

    /// Reads the photo of a session.
    pub async fn find_session(
        &self,
        id: SessionId,
    ) -> Result<Option<(Photo, Session)>, StoreError> {
        self.find(photo::Column::SessionId.eq(id.0).into()).await
    }

    /// Reads the photo with these bytes for this location: one that was uploaded
    /// for it, or that was found to belong to it.
    pub async fn find_same(
        &self,
        sha256: &str,
        location: Option<LocationId>,
    ) -> Result<Option<(Photo, Session)>, StoreError> {
        let wanted = location.map_or(0, LocationId::get);
        let mut same = Condition::any().add(photo::Column::RequestedLocationId.eq(wanted));
        if location.is_some() {
            same = same.add(session::Column::LocationId.eq(wanted));
        }
        let condition = Condition::all()
            .add(photo::Column::Sha256.eq(sha256))
            .add(same);
        self.find(condition).await
    }

    /// Lists photos, newest first.
    pub async fn list_photos(
        &self,
        filter: Filter,
        limit: u64,
    ) -> Result<Vec<(Photo, Session)>, StoreError> {
        let Filter {
            status,
            location,
            before,
        } = filter;
        let mut query = photo::Entity::find().find_also_related(session::Entity);
        if let Some(status) = status {
            query = query.filter(session::Column::Status.eq(status.name()));
        }
        if let Some(location) = location {
            query = query.filter(session::Column::LocationId.eq(location.get()));
        }
        if let Some(PhotoId(before)) = before {
            query = query.filter(photo::Column::PhotoId.lt(before));
        }
        // Keys are UUIDs of version 7: they sort by time.
        let found = query
            .order_by_desc(photo::Column::PhotoId)
            .limit(limit)
            .all(&self.connection)
            .await?;
        found.into_iter().map(pair).collect()
    }

    async fn find(&self, condition: Condition) -> Result<Option<(Photo, Session)>, StoreError> {
        let found = photo::Entity::find()
            .find_also_related(session::Entity)
            .filter(condition)
            .order_by_asc(photo::Column::PhotoId)
            .one(&self.connection)
            .await?;
        found.map(pair).transpose()
    }
}

fn pair(found: (photo::Model, Option<session::Model>)) -> Result<(Photo, Session), StoreError> {
    let (photo, Some(session)) = found else {
        return Err(StoreError::Corrupt {
            what: "photos.session_id",
        });
    };
    Ok((rows::photo(photo)?, session_of(session)?))
}
