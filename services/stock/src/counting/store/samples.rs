//! Counts on known areas that calibrated a density.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, Set};

use super::entity::sample;
use crate::counting::domain::density::{Calibration, Counted, POOLED, Sample};
use crate::database::{Page, Paging, RequestKey, StoreError};
use crate::ids::{DensityId, HandCountId, SampleId, SessionId};

/// What a request calibrated, and the digest of the rest of it.
pub async fn of_request(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
) -> Result<Option<(Calibration, String)>, StoreError> {
    let row = sample::Entity::find()
        .filter(sample::Column::RequestId.eq(key.id.0))
        .one(connection)
        .await?;
    Ok(row.map(|row| {
        let hash = row.content_hash.clone();
        (row.into(), hash)
    }))
}

/// The latest counts that calibrated a density after an instant.
pub async fn since(
    connection: &impl ConnectionTrait,
    of: DensityId,
    instant: DateTime<Utc>,
) -> Result<Vec<Sample>, StoreError> {
    let rows = sample::Entity::find()
        .filter(sample::Column::DensityParametersId.eq(of.0))
        .filter(sample::Column::CreatedAt.gt(instant))
        .order_by_desc(sample::Column::DensitySampleId)
        .limit(POOLED - 1)
        .all(connection)
        .await?;
    let told = |row: sample::Model| Calibration::from(row).sample;
    Ok(rows.into_iter().map(told).collect())
}

/// The calibrations of a density, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: DensityId,
    paging: &Paging,
) -> Result<Page<Calibration>, StoreError> {
    let query = sample::Entity::find().filter(sample::Column::DensityParametersId.eq(of.0));
    let keys = [sample::Column::DensitySampleId];
    let convert = |row: sample::Model| Ok::<_, StoreError>(row.into());
    paging.falling(connection, query, &keys, convert).await
}

/// Adds a calibration; its key is given by the database.
pub async fn insert(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
    calibration: &Calibration,
) -> Result<Calibration, StoreError> {
    let Calibration {
        id: _,
        density,
        counted,
        sample: Sample { plants, area_cm2 },
        area_per_plant_cm2,
        samples,
        user,
        created_at,
    } = calibration;
    let (photo, hand) = match counted {
        Counted::Photo(session) => (Some(session.0), None),
        Counted::Hand(count) => (None, Some(count.0)),
        Counted::Told => (None, None),
    };
    let row = sample::ActiveModel {
        density_parameters_id: Set(density.0),
        request_id: Set(key.id.0),
        content_hash: Set(key.content_hash.clone()),
        processing_session_id: Set(photo),
        hand_count_id: Set(hand),
        plants: Set(*plants),
        area_cm2: Set(*area_cm2),
        area_per_plant_cm2: Set(*area_per_plant_cm2),
        samples: Set(*samples),
        user_id: Set(user.clone()),
        created_at: Set(*created_at),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.into())
}

impl From<sample::Model> for Calibration {
    fn from(row: sample::Model) -> Self {
        let sample::Model {
            density_sample_id,
            density_parameters_id,
            request_id: _,
            content_hash: _,
            processing_session_id,
            hand_count_id,
            plants,
            area_cm2,
            area_per_plant_cm2,
            samples,
            user_id,
            created_at,
        } = row;
        let photo = processing_session_id.map(|id| Counted::Photo(SessionId(id)));
        let hand = hand_count_id.map(|id| Counted::Hand(HandCountId(id)));
        Self {
            id: SampleId(density_sample_id),
            density: DensityId(density_parameters_id),
            counted: photo.or(hand).unwrap_or(Counted::Told),
            sample: Sample { plants, area_cm2 },
            area_per_plant_cm2,
            samples,
            user: user_id,
            created_at,
        }
    }
}
