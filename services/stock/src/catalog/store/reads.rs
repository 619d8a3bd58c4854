//! Reads of the catalogue.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _, QueryTrait as _};

use super::entity::{
    category, family, packaging, packaging_color, packaging_material, packaging_type, price,
    product, size, state,
};
use crate::catalog::domain::{
    Category, Family, Packaging, Price, Product, ProductSize, ProductState,
};
use crate::database::page::page;
use crate::database::{Page, Paging, Store, StoreError};
use crate::ids::{CategoryId, FamilyId, PackagingId, ProductId, SizeId, StateId};

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
