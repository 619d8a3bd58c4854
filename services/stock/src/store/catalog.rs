//! The catalogue.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait as _, OnConflict};
use sea_orm::{QueryOrder as _, QuerySelect as _, QueryTrait as _, Set};

use super::entity::catalog::{
    category, family, packaging, packaging_color, packaging_material, packaging_type, price,
    product, size, state,
};
use super::page::page;
use super::{Page, Paging, Store, StoreError, Tx};
use crate::domain::catalog::{
    Category, Family, Packaging, Price, Product, ProductSize, ProductState,
};
use crate::domain::ids::{CategoryId, FamilyId, PackagingId, ProductId, SizeId, StateId};

/// A product to be added.
#[derive(Clone, Debug)]
pub struct NewProduct {
    /// Its family.
    pub family: FamilyId,
    /// Unique.
    pub sku: String,
    /// For people.
    pub common_name: String,
    /// May be empty.
    pub scientific_name: String,
}

/// A packaging to be added.
#[derive(Clone, Debug)]
pub struct NewPackaging {
    /// Unique.
    pub sku: String,
    /// For people.
    pub name: String,
    /// Created when new.
    pub type_code: String,
    /// Created when new.
    pub material_code: String,
    /// Created when new.
    pub color_name: String,
}

/// A price to be added.
#[derive(Clone, Debug)]
pub struct NewPrice {
    /// Unique.
    pub sku: String,
    /// The category it is for.
    pub category: CategoryId,
    /// The packaging it is for.
    pub packaging: PackagingId,
    /// One plant, before tax, in minor units.
    pub wholesale_unit_minor_units: i64,
    /// ISO 4217.
    pub currency: String,
    /// 0 when sold singly.
    pub units_per_box: i32,
}

// === impl Store ===

impl Store {
    /// Categories by code.
    pub async fn list_categories(&self, paging: &Paging) -> Result<Page<Category>, StoreError> {
        let mut query = category::Entity::find().order_by_asc(category::Column::Code);
        if let Some(after) = &paging.after {
            query = query.filter(category::Column::Code.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.code.clone(),
            |row| Ok(row.into()),
        )
        .await
    }

    /// Families by name; those of one name by key.
    pub async fn list_families(
        &self,
        category: Option<CategoryId>,
        paging: &Paging,
    ) -> Result<Page<Family>, StoreError> {
        let mut query = family::Entity::find()
            .order_by_asc(family::Column::Name)
            .order_by_asc(family::Column::ProductFamilyId);
        if let Some(after) = &paging.after {
            let (id, name) = after.split_once(':').ok_or(StoreError::Cursor)?;
            let id: i32 = id.parse().map_err(|_not_a_key| StoreError::Cursor)?;
            let same_name = family::Column::Name
                .eq(name)
                .and(family::Column::ProductFamilyId.gt(id));
            query = query.filter(
                Condition::any()
                    .add(family::Column::Name.gt(name))
                    .add(same_name),
            );
        }
        if let Some(category) = category {
            query = query.filter(family::Column::ProductCategoryId.eq(category.0));
        }
        let cursor = |row: &family::Model| format!("{}:{}", row.product_family_id, row.name);
        page(
            &self.connection,
            query,
            paging,
            cursor,
            |row| Ok(row.into()),
        )
        .await
    }

    /// Products by SKU.
    pub async fn list_products(
        &self,
        (family, category): (Option<FamilyId>, Option<CategoryId>),
        paging: &Paging,
    ) -> Result<Page<Product>, StoreError> {
        let mut query = product::Entity::find().order_by_asc(product::Column::Sku);
        if let Some(after) = &paging.after {
            query = query.filter(product::Column::Sku.gt(after));
        }
        if let Some(family) = family {
            query = query.filter(product::Column::ProductFamilyId.eq(family.0));
        }
        if let Some(category) = category {
            let families = family::Entity::find()
                .select_only()
                .column(family::Column::ProductFamilyId)
                .filter(family::Column::ProductCategoryId.eq(category.0))
                .into_query();
            query = query.filter(product::Column::ProductFamilyId.in_subquery(families));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.sku.clone(),
            |row| Ok(row.into()),
        )
        .await
    }

    /// States in growing order.
    pub async fn list_states(&self, paging: &Paging) -> Result<Page<ProductState>, StoreError> {
        let mut query = state::Entity::find().order_by_asc(state::Column::SortOrder);
        if let Some(after) = paging.after::<i32>()? {
            query = query.filter(state::Column::SortOrder.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.sort_order.to_string(),
            |row| Ok(row.into()),
        )
        .await
    }

    /// Sizes from small to large.
    pub async fn list_sizes(&self, paging: &Paging) -> Result<Page<ProductSize>, StoreError> {
        let mut query = size::Entity::find().order_by_asc(size::Column::SortOrder);
        if let Some(after) = paging.after::<i32>()? {
            query = query.filter(size::Column::SortOrder.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.sort_order.to_string(),
            |row| Ok(row.into()),
        )
        .await
    }

    /// Packagings by SKU.
    pub async fn list_packagings(&self, paging: &Paging) -> Result<Page<Packaging>, StoreError> {
        // A handful of words each: reading them whole beats a three-way join.
        let types: HashMap<_, _> = packaging_type::Entity::find()
            .all(&self.connection)
            .await?
            .into_iter()
            .map(|row| (row.packaging_type_id, row.code))
            .collect();
        let materials: HashMap<_, _> = packaging_material::Entity::find()
            .all(&self.connection)
            .await?
            .into_iter()
            .map(|row| (row.packaging_material_id, row.code))
            .collect();
        let colors: HashMap<_, _> = packaging_color::Entity::find()
            .all(&self.connection)
            .await?
            .into_iter()
            .map(|row| (row.packaging_color_id, row.name))
            .collect();
        let word = |words: &HashMap<i32, String>, id: i32| {
            words
                .get(&id)
                .cloned()
                .ok_or(StoreError::Corrupt("packaging"))
        };
        let mut query = packaging::Entity::find().order_by_asc(packaging::Column::Sku);
        if let Some(after) = &paging.after {
            query = query.filter(packaging::Column::Sku.gt(after));
        }
        let convert = |row: packaging::Model| {
            Ok(Packaging {
                id: PackagingId(row.packaging_id),
                sku: row.sku,
                name: row.name,
                type_code: word(&types, row.packaging_type_id)?,
                material_code: word(&materials, row.packaging_material_id)?,
                color_name: word(&colors, row.packaging_color_id)?,
            })
        };
        page(
            &self.connection,
            query,
            paging,
            |row| row.sku.clone(),
            convert,
        )
        .await
    }

    /// Prices by SKU.
    pub async fn list_prices(&self, paging: &Paging) -> Result<Page<Price>, StoreError> {
        let mut query = price::Entity::find().order_by_asc(price::Column::Sku);
        if let Some(after) = &paging.after {
            query = query.filter(price::Column::Sku.gt(after));
        }
        page(
            &self.connection,
            query,
            paging,
            |row| row.sku.clone(),
            |row| Ok(row.into()),
        )
        .await
    }
}

// === impl Tx ===

impl Tx {
    /// Adds a category.
    pub async fn insert_category(&self, code: &str, name: &str) -> Result<Category, StoreError> {
        let row = category::ActiveModel {
            code: Set(code.to_owned()),
            name: Set(name.to_owned()),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// Whether there is such a category.
    pub async fn has_category(&self, id: CategoryId) -> Result<bool, StoreError> {
        Ok(category::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Adds a family.
    pub async fn insert_family(
        &self,
        of: CategoryId,
        name: &str,
        scientific_name: &str,
    ) -> Result<Family, StoreError> {
        let row = family::ActiveModel {
            product_category_id: Set(of.0),
            name: Set(name.to_owned()),
            scientific_name: Set(scientific_name.to_owned()),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// One family.
    pub async fn find_family(&self, id: FamilyId) -> Result<Option<Family>, StoreError> {
        Ok(family::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .map(Family::from))
    }

    /// SKUs of products that start with a prefix.
    pub async fn list_skus(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let skus = product::Entity::find()
            .select_only()
            .column(product::Column::Sku)
            .filter(product::Column::Sku.starts_with(prefix))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(skus)
    }

    /// Adds a product.
    pub async fn insert_product(&self, new: NewProduct) -> Result<Product, StoreError> {
        let NewProduct {
            family,
            sku,
            common_name,
            scientific_name,
        } = new;
        let row = product::ActiveModel {
            product_family_id: Set(family.0),
            sku: Set(sku),
            common_name: Set(common_name),
            scientific_name: Set(scientific_name),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// Whether there is such a packaging.
    pub async fn has_packaging(&self, id: PackagingId) -> Result<bool, StoreError> {
        Ok(packaging::Entity::find_by_id(id.0)
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Adds a packaging, with its type, material and colour when they are new.
    pub async fn insert_packaging(&self, new: NewPackaging) -> Result<Packaging, StoreError> {
        let NewPackaging {
            sku,
            name,
            type_code,
            material_code,
            color_name,
        } = new;
        let row = packaging::ActiveModel {
            sku: Set(sku.clone()),
            name: Set(name.clone()),
            packaging_type_id: Set(self.packaging_type(&type_code).await?),
            packaging_material_id: Set(self.packaging_material(&material_code).await?),
            packaging_color_id: Set(self.packaging_color(&color_name).await?),
            ..Default::default()
        };
        let id = PackagingId(row.insert(&self.tx).await?.packaging_id);
        Ok(Packaging {
            id,
            sku,
            name,
            type_code,
            material_code,
            color_name,
        })
    }

    /// Adds a price.
    pub async fn insert_price(&self, new: NewPrice) -> Result<Price, StoreError> {
        let NewPrice {
            sku,
            category,
            packaging,
            wholesale_unit_minor_units,
            currency,
            units_per_box,
        } = new;
        let row = price::ActiveModel {
            sku: Set(sku),
            product_category_id: Set(category.0),
            packaging_id: Set(packaging.0),
            wholesale_unit_minor_units: Set(wholesale_unit_minor_units),
            currency: Set(currency),
            units_per_box: Set(units_per_box),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    async fn packaging_type(&self, code: &str) -> Result<i32, StoreError> {
        let row = packaging_type::ActiveModel {
            code: Set(code.to_owned()),
            ..Default::default()
        };
        packaging_type::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_type::Column::Code)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_type::Entity::find()
            .filter(packaging_type::Column::Code.eq(code))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_type_id)
            .ok_or(StoreError::Corrupt("packaging type"))
    }

    async fn packaging_material(&self, code: &str) -> Result<i32, StoreError> {
        let row = packaging_material::ActiveModel {
            code: Set(code.to_owned()),
            ..Default::default()
        };
        packaging_material::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_material::Column::Code)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_material::Entity::find()
            .filter(packaging_material::Column::Code.eq(code))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_material_id)
            .ok_or(StoreError::Corrupt("packaging material"))
    }

    async fn packaging_color(&self, name: &str) -> Result<i32, StoreError> {
        let row = packaging_color::ActiveModel {
            name: Set(name.to_owned()),
            ..Default::default()
        };
        packaging_color::Entity::insert(row)
            .on_conflict(
                OnConflict::column(packaging_color::Column::Name)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&self.tx)
            .await?;
        let found = packaging_color::Entity::find()
            .filter(packaging_color::Column::Name.eq(name))
            .one(&self.tx)
            .await?;
        found
            .map(|row| row.packaging_color_id)
            .ok_or(StoreError::Corrupt("packaging colour"))
    }
}

// === rows to domain types ===

impl From<category::Model> for Category {
    fn from(row: category::Model) -> Self {
        let category::Model {
            product_category_id,
            code,
            name,
        } = row;
        Self {
            id: CategoryId(product_category_id),
            code,
            name,
        }
    }
}

impl From<family::Model> for Family {
    fn from(row: family::Model) -> Self {
        let family::Model {
            product_family_id,
            product_category_id,
            name,
            scientific_name,
        } = row;
        Self {
            id: FamilyId(product_family_id),
            category: CategoryId(product_category_id),
            name,
            scientific_name,
        }
    }
}

impl From<product::Model> for Product {
    fn from(row: product::Model) -> Self {
        let product::Model {
            product_id,
            product_family_id,
            sku,
            common_name,
            scientific_name,
        } = row;
        Self {
            id: ProductId(product_id),
            family: FamilyId(product_family_id),
            sku,
            common_name,
            scientific_name,
        }
    }
}

impl From<state::Model> for ProductState {
    fn from(row: state::Model) -> Self {
        let state::Model {
            product_state_id,
            code,
            name,
            is_sellable,
            sort_order,
        } = row;
        Self {
            id: StateId(product_state_id),
            code,
            name,
            is_sellable,
            sort_order,
        }
    }
}

impl From<size::Model> for ProductSize {
    fn from(row: size::Model) -> Self {
        let size::Model {
            product_size_id,
            code,
            name,
            min_height_cm,
            max_height_cm,
            sort_order,
        } = row;
        Self {
            id: SizeId(product_size_id),
            code,
            name,
            min_height_cm,
            max_height_cm,
            sort_order,
        }
    }
}

impl From<price::Model> for Price {
    fn from(row: price::Model) -> Self {
        let price::Model {
            price_id,
            sku,
            product_category_id,
            packaging_id,
            wholesale_unit_minor_units,
            currency,
            units_per_box,
        } = row;
        Self {
            id: price_id,
            sku,
            category: CategoryId(product_category_id),
            packaging: PackagingId(packaging_id),
            wholesale_unit_minor_units,
            currency,
            units_per_box,
        }
    }
}
