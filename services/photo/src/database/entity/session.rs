//! A row of `sessions`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    pub status: String,
    pub why: Option<String>,
    pub location_id: Option<i32>,
    pub location_candidates: i32,
    pub attempts: i32,
    pub next_attempt_at: DateTimeUtc,
    pub lease_owner: Option<String>,
    pub lease_expires_at: Option<DateTimeUtc>,
    pub total_detected: Option<i32>,
    pub plants_low: Option<i32>,
    pub plants_high: Option<i32>,
    pub boxes: Option<i32>,
    pub mean_confidence: Option<f64>,
    pub model: Option<String>,
    pub batch_id: Option<Uuid>,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
