//! The price list.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::price;
use crate::catalog::domain::{Money, Price, Range};
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
