//! Rows of the place hierarchy.

pub mod warehouse {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "warehouses")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub warehouse_id: i32,
        pub code: String,
        pub name: String,
        pub warehouse_type: String,
        pub outline: String,
        pub centroid_longitude: f64,
        pub centroid_latitude: f64,
        pub area_m2: f64,
        pub active: bool,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod area {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_areas")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub storage_area_id: i32,
        pub warehouse_id: i32,
        pub code: String,
        pub name: String,
        pub position: String,
        pub outline: String,
        pub centroid_longitude: f64,
        pub centroid_latitude: f64,
        pub area_m2: f64,
        pub active: bool,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod location {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_locations")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub storage_location_id: i32,
        pub storage_area_id: i32,
        pub warehouse_id: i32,
        pub code: String,
        pub qr_code: String,
        pub name: String,
        pub description: String,
        pub outline: String,
        pub centroid_longitude: f64,
        pub centroid_latitude: f64,
        pub area_m2: f64,
        pub active: bool,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
