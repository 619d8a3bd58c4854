//! Photos and the work they bring.

use demeter_db::write;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};

use super::rows;
use crate::database::entity::{pending, photo, session};
use crate::database::{Store, StoreError, Tx};
use crate::ports::{LocationId, SessionId};
use crate::uploads::domain::{Photo, PhotoId, Stage};

/// A photo that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its key.
    pub photo: PhotoId,
    /// The session that counts it.
    pub session: SessionId,
    /// How far it is.
    pub stage: Stage,
}

/// Adds a photo whose objects are stored, with a session that nobody has worked
/// on, in one transaction. False, and nothing is added, when its objects were swept
/// meanwhile; [`StoreError::Taken`] when the same photo is there already.
pub async fn insert(store: &Store, photo: &Photo) -> Result<bool, StoreError> {
    let insert = write(store.connection(), |tx| async move {
        insert_in(&tx, photo).await
    });
    store.durably("the photo", insert).await
}

async fn insert_in(tx: &Tx, photo: &Photo) -> Result<bool, StoreError> {
    let gone = pending::Entity::delete_by_id(photo.session.0)
        .exec(tx)
        .await?;
    if gone.rows_affected == 0 {
        return Ok(false);
    }
    photo::Entity::insert(rows::photo_row(photo))
        .exec_without_returning(tx)
        .await?;
    first_session(photo).insert(tx).await?;
    Ok(true)
}

/// The session of a new photo, as a worker finds it.
fn first_session(photo: &Photo) -> session::ActiveModel {
    session::ActiveModel {
        session_id: Set(photo.session.0),
        status: Set(Stage::Received.name().to_owned()),
        why: Set(None),
        location_id: Set(photo.requested_location.map(LocationId::get)),
        location_candidates: Set(0),
        attempts: Set(0),
        next_attempt_at: Set(photo.created_at),
        lease_owner: Set(None),
        lease_expires_at: Set(None),
        total_detected: Set(None),
        plants_low: Set(None),
        plants_high: Set(None),
        boxes: Set(None),
        mean_confidence: Set(None),
        model: Set(None),
        batch_id: Set(None),
        updated_at: Set(photo.created_at),
    }
}

/// Whether there is a photo with this session.
pub async fn exists(store: &Store, session: SessionId) -> Result<bool, StoreError> {
    let found = photo::Entity::find()
        .filter(photo::Column::SessionId.eq(session.0))
        .count(store.connection())
        .await?;
    Ok(found > 0)
}

/// Reads the photo with these bytes for this location: one that was uploaded for
/// it, or that was found to belong to it.
pub async fn find_same(
    store: &Store,
    sha256: &str,
    location: Option<LocationId>,
) -> Result<Option<Existing>, StoreError> {
    let wanted = location.map_or(0, LocationId::get);
    let mut same = Condition::any().add(photo::Column::RequestedLocationId.eq(wanted));
    if location.is_some() {
        same = same.add(session::Column::LocationId.eq(wanted));
    }
    let found = photo::Entity::find()
        .find_also_related(session::Entity)
        .filter(photo::Column::Sha256.eq(sha256))
        .filter(same)
        .order_by_asc(photo::Column::PhotoId)
        .one(store.connection())
        .await?;
    let Some((photo, Some(session))) = found else {
        return Ok(None);
    };
    Ok(Some(Existing {
        photo: PhotoId(photo.photo_id),
        session: SessionId(photo.session_id),
        stage: rows::stage(&session.status)?,
    }))
}
