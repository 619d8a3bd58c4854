//! Photos with their sessions, read only.

use std::convert::Infallible;

use sea_orm::{ColumnTrait as _, EntityTrait as _, LoaderTrait as _, QueryFilter as _};

use crate::database::entity::{photo, session};
use crate::database::{Page, Paging, Store, StoreError};
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
    paging: &Paging,
) -> Result<Page<(Photo, Session)>, StoreError> {
    let Filter { stage, location } = filter;
    let mut query = photo::Entity::find().inner_join(session::Entity);
    if let Some(stage) = stage {
        query = query.filter(session::Column::Status.eq(stage.name()));
    }
    if let Some(location) = location {
        query = query.filter(session::Column::LocationId.eq(location.get()));
    }
    // Keys are UUIDs of version 7: they sort by time.
    let keys = [photo::Column::PhotoId];
    let connection = store.connection();
    let page = paging.falling(connection, query, &keys, Ok::<_, Infallible>);
    let Page { items, next_token } = page.await?;
    let sessions = items.load_one(session::Entity, connection).await?;
    let items = items.into_iter().zip(sessions).map(pair);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_token,
    })
}
