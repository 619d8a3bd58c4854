//! A row of `photos`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "photos")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub photo_id: Uuid,
    pub session_id: Uuid,
    pub sha256: String,
    pub requested_location_id: i32,
    pub format: String,
    pub size_bytes: i64,
    pub width_px: i32,
    pub height_px: i32,
    pub longitude: Option<f64>,
    pub latitude: Option<f64>,
    pub captured_at: Option<DateTimeUtc>,
    pub observed_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub user_id: String,
    pub filename: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::session::Entity",
        from = "Column::SessionId",
        to = "super::session::Column::SessionId"
    )]
    Session,
}

impl Related<super::session::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Session.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
