//! Counts as rows: one for the count, one per class of its model, one per plant.

use chrono::{DateTime, Utc};
use demeter_db::{Engine, engine};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::{postgres, rows, sqlite};
use crate::database::entity::{detection, model_class, result, session};
use crate::database::{Store, StoreError};
use crate::ports::{Count, Estimate, Model, Parameters, SessionId};

/// Reads the count of a session and when it was made, once there is one.
pub async fn find(
    store: &Store,
    session: SessionId,
) -> Result<Option<(Count, DateTime<Utc>)>, StoreError> {
    let connection = store.connection();
    let found = result::Entity::find_by_id(session.0)
        .one(connection)
        .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    let classes = model_class::Entity::find()
        .filter(model_class::Column::ModelSha256.eq(&row.model_sha256))
        .order_by_asc(model_class::Column::Ordinal)
        .all(connection)
        .await?;
    let detections = detection::Entity::find()
        .filter(detection::Column::RunId.eq(session.0))
        .order_by_asc(detection::Column::Ordinal)
        .all(connection)
        .await?;
    let session = session::Entity::find_by_id(session.0)
        .one(connection)
        .await?;
    let estimate = session.as_ref().and_then(rows::estimate);
    let estimate = estimate.ok_or(StoreError::Corrupt("sessions.total_detected"))?;
    let counted_at = row.counted_at;
    let count = count(row, estimate, classes, detections);
    Ok(Some((count, counted_at)))
}

/// Writes the count of a session, over the one that is there, in the transaction
/// of its status.
pub(super) async fn replace(
    tx: &impl ConnectionTrait,
    session: SessionId,
    count: &Count,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    detection::Entity::delete_many()
        .filter(detection::Column::RunId.eq(session.0))
        .exec(tx)
        .await?;
    result::Entity::delete_by_id(session.0).exec(tx).await?;
    result::Entity::insert(row(session, count, now))
        .exec_without_returning(tx)
        .await?;
    insert_classes(tx, &count.model).await?;
    match engine(tx) {
        Engine::Sqlite => sqlite::insert_detections(tx, session, &count.detections).await?,
        Engine::Postgres => postgres::insert_detections(tx, session, &count.detections).await?,
    }
    Ok(())
}

/// The weights know their classes: what is there is the same.
async fn insert_classes(tx: &impl ConnectionTrait, model: &Model) -> Result<(), StoreError> {
    let rows = (0..).zip(&model.classes);
    let rows = rows.map(|(ordinal, name)| model_class::ActiveModel {
        model_sha256: Set(model.sha256.clone()),
        ordinal: Set(ordinal),
        name: Set(name.clone()),
    });
    model_class::Entity::insert_many(rows)
        .on_conflict_do_nothing()
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn row(session: SessionId, count: &Count, now: DateTime<Utc>) -> result::ActiveModel {
    let Count {
        // Kept with the session.
        estimate: _,
        detections: _,
        model,
        parameters,
    } = count;
    let Model {
        name,
        version,
        task,
        classes: _,
        sha256,
        calibrated,
    } = model;
    let Parameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search,
    } = parameters;
    result::ActiveModel {
        session_id: Set(session.0),
        model_name: Set(name.clone()),
        model_version: Set(version.clone()),
        model_task: Set(*task),
        model_sha256: Set(sha256.clone()),
        model_calibrated: Set(*calibrated),
        tile_size_px: Set(*tile_size_px),
        tile_overlap: Set(*tile_overlap),
        min_confidence: Set(*min_confidence),
        merge_threshold: Set(*merge_threshold),
        search: Set(*search),
        counted_at: Set(now),
    }
}

fn count(
    row: result::Model,
    estimate: Estimate,
    classes: Vec<model_class::Model>,
    detections: Vec<detection::Model>,
) -> Count {
    let result::Model {
        session_id: _,
        model_name,
        model_version,
        model_task,
        model_sha256,
        model_calibrated,
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
        search,
        counted_at: _,
    } = row;
    Count {
        estimate,
        detections: detections.into_iter().map(rows::detection).collect(),
        model: Model {
            name: model_name,
            version: model_version,
            task: model_task,
            classes: classes.into_iter().map(|class| class.name).collect(),
            sha256: model_sha256,
            calibrated: model_calibrated,
        },
        parameters: Parameters {
            tile_size_px,
            tile_overlap,
            min_confidence,
            merge_threshold,
            search,
        },
    }
}
