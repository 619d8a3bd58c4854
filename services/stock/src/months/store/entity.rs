//! Rows of months, and of what supervisors did to them.

pub mod month {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "months")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub closing_count_days: i32,
        pub opened_by: String,
        pub opened_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod act {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "month_acts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month_act_id: Uuid,
        pub month: i32,
        pub verb: String,
        pub content_hash: String,
        pub beds: i64,
        pub sold: i64,
        pub reason: String,
        pub user_id: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod approval {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "month_approvals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month_act_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub storage_location_id: i32,
        pub month: i32,
        pub sold: i64,
        pub read_digest: String,
        pub reopened_by: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod remainder {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "month_remainders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: Uuid,
        pub unexplained: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod carry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "month_carries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month_act_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: Uuid,
        pub storage_location_id: i32,
        pub plants: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
