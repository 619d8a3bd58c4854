//! Photos with their sessions, read only.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::database::entity::{photo, session};
use crate::database::{Store, StoreError};
use crate::ports::LocationId;
use crate::processing::domain::Session;
use crate::processing::store::pair;
use crate::uploads::domain::{Photo, PhotoId, Stage};

/// Which photos to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those this far.
    pub stage: Option<Stage>,
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<PhotoId>,
}

/// Reads a photo.
pub async fn find(store: &Store, id: PhotoId) -> Result<Option<(Photo, Session)>, StoreError> {
    let found = photo::Entity::find_by_id(id.0)
        .find_also_related(session::Entity)
        .one(store.connection())
        .await?;
    found.map(pair).transpose()
}

/// Lists photos, newest first.
pub async fn list(
    store: &Store,
    filter: Filter,
    limit: u64,
) -> Result<Vec<(Photo, Session)>, StoreError> {
    let Filter {
        stage,
        location,
        before,
    } = filter;
    let mut query = photo::Entity::find().find_also_related(session::Entity);
    if let Some(stage) = stage {
        query = query.filter(session::Column::Status.eq(stage.name()));
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
        .all(store.connection())
        .await?;
    found.into_iter().map(pair).collect()
}
