//! The price list.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect as _, QueryTrait as _, Set};

use super::entity::{family, price, product};
use crate::catalog::domain::{Kind, Money, Price, Range};
use crate::database::{Page, Paging, StoreError};
use crate::ids::{CategoryId, PackagingId};

/// Prices by SKU.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Price>, StoreError> {
    let keys = [price::Column::Sku];
    paging
        .rising(connection, price::Entity::find(), &keys, Price::try_from)
        .await
}

/// What one plant of a kind costs, if the list has just one price for its category in
/// its packaging. Prices of one category and packaging differ by variety, which the
/// list does not name.
pub async fn only_one(
    connection: &impl ConnectionTrait,
    kind: Kind,
) -> Result<Option<Money>, StoreError> {
    let Some(packaging) = kind.packaging else {
        return Ok(None);
    };
    let family = product::Entity::find()
        .select_only()
        .column(product::Column::ProductFamilyId)
        .filter(product::Column::ProductId.eq(kind.product.0))
        .into_query();
    let category = family::Entity::find()
        .select_only()
        .column(family::Column::ProductCategoryId)
        .filter(family::Column::ProductFamilyId.in_subquery(family))
        .into_query();
    let rows = price::Entity::find()
        .filter(price::Column::ProductCategoryId.in_subquery(category))
        .filter(price::Column::PackagingId.eq(packaging.0))
        .limit(2)
        .all(connection)
        .await?;
    match <[price::Model; 1]>::try_from(rows) {
        Ok([row]) => Ok(Some(Price::from(row).wholesale_unit)),
        Err(_none_or_several) => Ok(None),
    }
}

/// Adds a price.
pub async fn insert(
    connection: &impl ConnectionTrait,
    sku: String,
    range: Range,
    wholesale_unit: Money,
    units_per_box: i32,
) -> Result<Price, StoreError> {
    let row = price::ActiveModel {
        sku: Set(sku),
        product_category_id: Set(range.category.0),
        packaging_id: Set(range.packaging.0),
        wholesale_unit_minor_units: Set(wholesale_unit.minor),
        currency: Set(wholesale_unit.currency),
        units_per_box: Set(units_per_box),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.into())
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
            range: Range {
                category: CategoryId(product_category_id),
                packaging: PackagingId(packaging_id),
            },
            wholesale_unit: Money {
                minor: wholesale_unit_minor_units,
                currency,
            },
            units_per_box,
        }
    }
}
