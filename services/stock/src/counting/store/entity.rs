//! Rows of densities and their samples, and of count sessions.

pub mod density {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "density_parameters")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub density_parameters_id: i32,
        pub container_category: Option<String>,
        pub product_id: i32,
        pub packaging_id: Option<i32>,
        pub area_per_plant_cm2: f64,
        pub overlap_factor: f64,
        pub diameter_cm: Option<f64>,
        pub notes: String,
        pub revision: i32,
        pub samples: i32,
        pub stated_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod sample {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "density_samples")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub density_sample_id: i32,
        pub density_parameters_id: i32,
        pub request_id: Uuid,
        pub content_hash: String,
        pub processing_session_id: Option<Uuid>,
        pub hand_count_id: Option<Uuid>,
        pub plants: i64,
        pub area_cm2: f64,
        pub area_per_plant_cm2: f64,
        pub samples: i32,
        pub user_id: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "count_sessions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub session_number: i32,
        pub count_session_id: Uuid,
        pub content_hash: String,
        pub name: String,
        pub notes: String,
        pub blind: bool,
        pub status: String,
        pub revision: i32,
        pub opened_by: String,
        pub created_at: DateTimeUtc,
        pub closed_by: Option<String>,
        pub closed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod session_bed {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "count_session_beds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub count_session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub storage_location_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "count_entries")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub entry_number: i32,
        pub count_entry_id: Uuid,
        pub content_hash: String,
        pub count_session_id: Uuid,
        pub storage_location_id: i32,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
        pub plants: i64,
        pub notes: String,
        pub user_id: String,
        pub counted_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
        pub withdrawn_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod session_line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "count_session_lines")]
    pub struct Model {
        pub count_session_id: Uuid,
        pub storage_location_id: i32,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
        pub expected: i64,
        pub counted: i64,
        pub movements_meanwhile: i64,
        pub counted_at: DateTimeUtc,
        #[sea_orm(primary_key, auto_increment = false)]
        pub hand_count_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
