//! Rows of batches, the ledger and what keeps writes idempotent.

pub mod batch {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_batches")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: Uuid,
        pub batch_code: String,
        pub storage_location_id: i32,
        pub storage_bin_id: i32,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
        pub quantity_initial: i64,
        pub quantity_current: i64,
        pub quantity_empty_containers: i64,
        pub planting_date: Option<Date>,
        pub notes: String,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod movement {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub movement_id: Uuid,
        pub batch_id: Uuid,
        pub storage_location_id: i32,
        pub movement_type: String,
        pub quantity: i64,
        pub balance: i64,
        pub source_bin_id: Option<i32>,
        pub destination_bin_id: Option<i32>,
        pub source_type: String,
        pub reason_description: String,
        pub processing_session_id: Option<Uuid>,
        pub user_id: String,
        pub effective_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
        pub hand_count_id: Option<Uuid>,
        pub corrected_movement_id: Option<Uuid>,
        pub late_fact_id: Option<Uuid>,
        pub allocated: bool,
        pub effective_source: String,
        pub transfer_id: Option<Uuid>,
        pub reverses_movement_id: Option<Uuid>,
        pub unit_price_minor_units: Option<i64>,
        pub total_price_minor_units: Option<i64>,
        pub price_currency: Option<String>,
        pub empty_containers: i64,
        pub trades_empty_containers: bool,
        pub month_act_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod photo_count {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "photo_counts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub processing_session_id: Uuid,
        pub storage_location_id: i32,
        pub quantity: i64,
        pub observed_at: DateTimeUtc,
        pub user_id: String,
        pub superseded: bool,
        pub batch_id: Option<Uuid>,
        pub quantity_empty_containers: i64,
        pub previous_quantity: i64,
        pub current_quantity: i64,
        pub created_at: DateTimeUtc,
        pub plants_low: Option<i32>,
        pub plants_high: Option<i32>,
        pub boxes: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod hand_count {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "hand_counts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hand_count_id: Uuid,
        pub storage_location_id: i32,
        pub product_id: i32,
        pub product_state_id: i32,
        pub product_size_id: Option<i32>,
        pub packaging_id: Option<i32>,
        pub quantity: i64,
        pub observed_at: DateTimeUtc,
        pub observed_source: String,
        pub user_id: String,
        pub superseded: bool,
        pub previous_quantity: i64,
        pub current_quantity: i64,
        pub created_at: DateTimeUtc,
        pub covers: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod closed_month {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "closed_months")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        pub ends_at: DateTimeUtc,
        pub closed_by: String,
        pub closed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
