//! Packagings, with the words for how they are made.

use std::collections::HashMap;

use sea_orm::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};

use super::entity::{packaging, packaging_color, packaging_material, packaging_type};
use crate::catalog::domain::{Make, Packaging};
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::PackagingId;

/// Packagings by SKU.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Packaging>, StoreError> {
    // A handful of words each: reading them whole beats a three-way join.
    let types = words(connection, |row: packaging_type::Model| {
        (row.packaging_type_id, row.code)
    });
    let materials = words(connection, |row: packaging_material::Model| {
        (row.packaging_material_id, row.code)
    });
    let colors = words(connection, |row: packaging_color::Model| {
        (row.packaging_color_id, row.name)
    });
    let (types, materials, colors) = (types.await?, materials.await?, colors.await?);
    let word = |words: &HashMap<i32, String>, id: i32| {
        words
            .get(&id)
            .cloned()
            .ok_or(StoreError::Corrupt("packaging"))
    };
    let convert = |row: packaging::Model| {
        Ok::<_, StoreError>(Packaging {
            id: PackagingId(row.packaging_id),
            sku: row.sku,
            name: row.name,
            make: Make {
                type_code: word(&types, row.packaging_type_id)?,
                material_code: word(&materials, row.packaging_material_id)?,
                color_name: word(&colors, row.packaging_color_id)?,
            },
        })
    };
    let keys = [packaging::Column::Sku];
    paging
        .rising(connection, packaging::Entity::find(), &keys, convert)
        .await
}

/// Whether there is such a packaging.
pub async fn exists(
    connection: &impl ConnectionTrait,
    id: PackagingId,
) -> Result<bool, StoreError> {
    database::exists::<packaging::Entity>(connection, id.0).await
}

/// Adds a packaging, with its type, material and colour when they are new.
pub async fn insert(
    connection: &impl ConnectionTrait,
    sku: String,
    name: String,
    make: Make,
) -> Result<Packaging, StoreError> {
    let packaging_type = packaging_type::ActiveModel {
        code: Set(make.type_code.clone()),
        ..Default::default()
    };
    let material = packaging_material::ActiveModel {
        code: Set(make.material_code.clone()),
        ..Default::default()
    };
    let color = packaging_color::ActiveModel {
        name: Set(make.color_name.clone()),
        ..Default::default()
    };
    let type_key = packaging_type::Column::Code;
    let material_key = packaging_material::Column::Code;
    let color_key = packaging_color::Column::Name;
    let packaging_type = word(connection, packaging_type, type_key, &make.type_code).await?;
    let material = word(connection, material, material_key, &make.material_code).await?;
    let color = word(connection, color, color_key, &make.color_name).await?;
    let row = packaging::ActiveModel {
        sku: Set(sku.clone()),
        name: Set(name.clone()),
        packaging_type_id: Set(packaging_type.packaging_type_id),
        packaging_material_id: Set(material.packaging_material_id),
        packaging_color_id: Set(color.packaging_color_id),
        ..Default::default()
    };
    let id = PackagingId(row.insert(connection).await?.packaging_id);
    Ok(Packaging {
        id,
        sku,
        name,
        make,
    })
}

/// All words of one kind by their keys.
async fn words<M: ModelTrait>(
    connection: &impl ConnectionTrait,
    pair: impl Fn(M) -> (i32, String),
) -> Result<HashMap<i32, String>, StoreError>
where
    M::Entity: EntityTrait<Model = M>,
{
    let rows = M::Entity::find().all(connection).await?;
    Ok(rows.into_iter().map(pair).collect())
}

/// The row of a word, which is added when it is new.
async fn word<A: ActiveModelTrait>(
    connection: &impl ConnectionTrait,
    row: A,
    unique: <A::Entity as EntityTrait>::Column,
    text: &str,
) -> Result<<A::Entity as EntityTrait>::Model, StoreError> {
    A::Entity::insert(row)
        .on_conflict(OnConflict::column(unique).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    let found = A::Entity::find()
        .filter(unique.eq(text))
        .one(connection)
        .await?;
    found.ok_or(StoreError::Corrupt("word of a packaging"))
}
