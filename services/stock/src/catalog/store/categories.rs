//! Product categories.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::category;
use crate::catalog::domain::Category;
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::CategoryId;

/// Categories by code.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Category>, StoreError> {
    let keys = [category::Column::Code];
    paging
        .rising(
            connection,
            category::Entity::find(),
            &keys,
            Category::try_from,
        )
        .await
}

/// Whether there is such a category.
pub async fn exists(connection: &impl ConnectionTrait, id: CategoryId) -> Result<bool, StoreError> {
    database::exists::<category::Entity>(connection, id.0).await
}

/// Adds a category.
pub async fn insert(
    connection: &impl ConnectionTrait,
    code: &str,
    name: &str,
) -> Result<Category, StoreError> {
    let row = category::ActiveModel {
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.into())
}

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
