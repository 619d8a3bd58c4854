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
        pub area_cm2: f64,
        pub notes: String,
        pub revision: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub closed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod configuration_line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_location_config_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub storage_location_config_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        pub container_category: Option<String>,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod operation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "configuration_operations")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub operation_number: i32,
        pub operation_id: Uuid,
        pub content_hash: String,
        pub user_id: String,
        pub changed_locations: i32,
        pub created_at: DateTimeUtc,
        pub undone_at: Option<DateTimeUtc>,
        pub undone_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod operation_change {
    use sea_orm::entity::prelude::*;

    #[expect(clippy::struct_field_names, reason = "named like their columns")]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "configuration_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub storage_location_id: i32,
        pub previous_config_id: Option<i32>,
        pub config_id: i32,
        pub undone_config_id: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
