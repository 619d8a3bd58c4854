//! Rows of the catalogue.

pub mod category {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_categories")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub product_category_id: i32,
        pub code: String,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod family {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_families")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub product_family_id: i32,
        pub product_category_id: i32,
        pub name: String,
        pub scientific_name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub product_id: i32,
        pub product_family_id: i32,
        pub sku: String,
        pub common_name: String,
        pub scientific_name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod state {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_states")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub product_state_id: i32,
        pub code: String,
        pub name: String,
        pub is_sellable: bool,
        pub sort_order: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod size {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "product_sizes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub product_size_id: i32,
        pub code: String,
        pub name: String,
        pub min_height_cm: Option<f64>,
        pub max_height_cm: Option<f64>,
        pub sort_order: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod packaging_type {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "packaging_types")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub packaging_type_id: i32,
        pub code: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod packaging_material {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "packaging_materials")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub packaging_material_id: i32,
        pub code: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod packaging_color {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "packaging_colors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub packaging_color_id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod packaging {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "packaging_catalog")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub packaging_id: i32,
        pub sku: String,
        pub name: String,
        pub packaging_type_id: i32,
        pub packaging_material_id: i32,
        pub packaging_color_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod price {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "price_list")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub price_id: i32,
        pub sku: String,
        pub product_category_id: i32,
        pub packaging_id: i32,
        pub wholesale_unit_minor_units: i64,
        pub currency: String,
        pub units_per_box: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
