//! Rows of bins and configurations.

pub mod bin_type {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_bin_types")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub storage_bin_type_id: i32,
        pub code: String,
        pub name: String,
        pub category: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod bin {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_bins")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub storage_bin_id: i32,
        pub storage_location_id: i32,
        pub storage_bin_type_id: i32,
        pub code: String,
        pub label: String,
        pub status: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod configuration {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_location_config")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub storage_location_config_id: i32,
        pub storage_location_id: i32,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
        pub area_cm2: f64,
        pub notes: String,
        pub active: bool,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
