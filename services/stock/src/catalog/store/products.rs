//! Products.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect as _, QueryTrait as _, Set};

use super::entity::{family, product};
use crate::catalog::domain::Product;
use crate::database::{self, Page, Paging, StoreError, series};
use crate::ids::{CategoryId, FamilyId, ProductId};

/// Which products.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProductFilter {
    /// Only of this family.
    pub family: Option<FamilyId>,
    /// Only of this category.
    pub category: Option<CategoryId>,
}

/// Whether there is such a product.
pub async fn exists(connection: &impl ConnectionTrait, id: ProductId) -> Result<bool, StoreError> {
    database::exists::<product::Entity>(connection, id.0).await
}

/// Products by SKU.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: ProductFilter,
    paging: &Paging,
) -> Result<Page<Product>, StoreError> {
    let mut query = product::Entity::find();
    if let Some(family) = filter.family {
        query = query.filter(product::Column::ProductFamilyId.eq(family.0));
    }
    if let Some(category) = filter.category {
        let families = family::Entity::find()
            .select_only()
            .column(family::Column::ProductFamilyId)
            .filter(family::Column::ProductCategoryId.eq(category.0))
            .into_query();
        query = query.filter(product::Column::ProductFamilyId.in_subquery(families));
    }
    let keys = [product::Column::Sku];
    paging
        .rising(connection, query, &keys, Product::try_from)
        .await
}

/// The next number of the SKUs that start with a prefix.
pub async fn next_number(
    connection: &impl ConnectionTrait,
    prefix: &str,
) -> Result<u32, StoreError> {
    series::next::<product::Entity>(connection, product::Column::Sku, prefix).await
}

/// Adds a product.
pub async fn insert(
    connection: &impl ConnectionTrait,
    of: FamilyId,
    sku: String,
    common_name: String,
    scientific_name: String,
) -> Result<Product, StoreError> {
    let row = product::ActiveModel {
        product_family_id: Set(of.0),
        sku: Set(sku),
        common_name: Set(common_name),
        scientific_name: Set(scientific_name),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.into())
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
