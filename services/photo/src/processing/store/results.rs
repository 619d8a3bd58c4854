//! Counts as rows: detections, model and parameters as JSON.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::database::entity::result;
use crate::database::{Store, StoreError};
use crate::ports::{Count, Detection, Model, Parameters, SessionId};

/// Short on purpose: a bed has a thousand of them.
type DetectionRow = (f32, f32, f32, f32, f32, String);

#[derive(Serialize, Deserialize)]
struct ModelRow {
    name: String,
    version: String,
    task: i32,
    classes: Vec<String>,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
struct ParametersRow {
    tile_size_px: i32,
    tile_overlap: f32,
    min_confidence: f32,
    merge_threshold: f32,
}

// === impl Store ===

impl Store {
    /// Reads the count of a session and when it was made, once there is one.
    pub async fn find_count(
        &self,
        session: SessionId,
    ) -> Result<Option<(Count, DateTime<Utc>)>, StoreError> {
        let found = result::Entity::find_by_id(session.0)
            .one(&self.connection)
            .await?;
        found
            .map(|row| Ok((count(&row)?, row.counted_at)))
            .transpose()
    }
}

pub(super) fn row(
    session: SessionId,
    count: &Count,
    now: DateTime<Utc>,
) -> Result<result::ActiveModel, StoreError> {
    let Count {
        detections,
        model,
        parameters,
    } = count;
    let detections: Vec<DetectionRow> = detections.iter().cloned().map(detection_row).collect();
    Ok(result::ActiveModel {
        session_id: Set(session.0),
        detections: Set(json(&detections)?),
        model: Set(json(&model_row(model.clone()))?),
        parameters: Set(json(&parameters_row(*parameters))?),
        counted_at: Set(now),
    })
}

fn count(row: &result::Model) -> Result<Count, StoreError> {
    let detections: Vec<DetectionRow> = parsed(&row.detections)?;
    let ModelRow {
        name,
        version,
        task,
        classes,
        sha256,
    } = parsed(&row.model)?;
    let ParametersRow {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
    } = parsed(&row.parameters)?;
    Ok(Count {
        detections: detections.into_iter().map(detection).collect(),
        model: Model {
            name,
            version,
            task,
            classes,
            sha256,
        },
        parameters: Parameters {
            tile_size_px,
            tile_overlap,
            min_confidence,
            merge_threshold,
        },
    })
}

fn detection_row(detection: Detection) -> DetectionRow {
    let Detection {
        x_min,
        y_min,
        x_max,
        y_max,
        confidence,
        label,
    } = detection;
    (x_min, y_min, x_max, y_max, confidence, label)
}

fn detection((x_min, y_min, x_max, y_max, confidence, label): DetectionRow) -> Detection {
    Detection {
        x_min,
        y_min,
        x_max,
        y_max,
        confidence,
        label,
    }
}

fn model_row(model: Model) -> ModelRow {
    let Model {
        name,
        version,
        task,
        classes,
        sha256,
    } = model;
    ModelRow {
        name,
        version,
        task,
        classes,
        sha256,
    }
}

fn parameters_row(parameters: Parameters) -> ParametersRow {
    let Parameters {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
    } = parameters;
    ParametersRow {
        tile_size_px,
        tile_overlap,
        min_confidence,
        merge_threshold,
    }
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_not_a_number| StoreError::Corrupt { what: "results" })
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_not_ours| StoreError::Corrupt { what: "results" })
}
