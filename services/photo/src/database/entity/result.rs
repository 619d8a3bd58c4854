//! A row of `results`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    pub model_name: String,
    pub model_version: String,
    pub model_task: i32,
    pub model_sha256: String,
    pub model_calibrated: bool,
    pub tile_size_px: i32,
    pub tile_overlap: f32,
    pub min_confidence: f32,
    pub merge_threshold: f32,
    pub search: i32,
    pub counted_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
