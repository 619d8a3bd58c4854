//! Product families.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::family;
use crate::catalog::domain::Family;
use crate::database::{Page, Paging, StoreError};
use crate::ids::{CategoryId, FamilyId};

/// Families by name; those of one name by key.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: Option<CategoryId>,
    paging: &Paging,
) -> Result<Page<Family>, StoreError> {
    let mut query = family::Entity::find();
    if let Some(category) = of {
        query = query.filter(family::Column::ProductCategoryId.eq(category.0));
    }
    let keys = [family::Column::Name, family::Column::ProductFamilyId];
    paging
        .rising(connection, query, &keys, Family::try_from)
        .await
}

/// One family.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: FamilyId,
) -> Result<Option<Family>, StoreError> {
    let row = family::Entity::find_by_id(id.0).one(connection).await?;
    Ok(row.map(Family::from))
}

/// Adds a family.
pub async fn insert(
    connection: &impl ConnectionTrait,
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
    Ok(row.insert(connection).await?.into())
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
