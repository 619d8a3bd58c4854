//! What is expected to grow where.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::configuration;
use crate::beds::domain::{Configuration, Crop};
use crate::catalog::domain::Kind;
use crate::database::StoreError;
use crate::ids::LocationId;

/// The active configuration of a location.
pub async fn find(
    connection: &impl ConnectionTrait,
    of: LocationId,
) -> Result<Option<Configuration>, StoreError> {
    let row = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationId.eq(of.0))
        .filter(configuration::Column::Active.eq(true))
        .one(connection)
        .await?;
    Ok(row.map(Configuration::from))
}

/// All configurations of a location, active and past, oldest first.
pub async fn history(
    connection: &impl ConnectionTrait,
    of: LocationId,
) -> Result<Vec<Configuration>, StoreError> {
    let rows = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationId.eq(of.0))
        .order_by_asc(configuration::Column::CreatedAt)
        .order_by_asc(configuration::Column::StorageLocationConfigId)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Configuration::from).collect())
}

/// Keeps the active configuration of a location as history.
pub async fn retire(connection: &impl ConnectionTrait, of: LocationId) -> Result<(), StoreError> {
    configuration::Entity::update_many()
        .col_expr(configuration::Column::Active, Expr::value(false))
        .filter(configuration::Column::StorageLocationId.eq(of.0))
        .filter(configuration::Column::Active.eq(true))
        .exec(connection)
        .await?;
    Ok(())
}

/// Adds the active configuration of a location.
pub async fn insert(
    connection: &impl ConnectionTrait,
    of: LocationId,
    crop: &Crop,
    now: DateTime<Utc>,
) -> Result<Configuration, StoreError> {
    let Crop {
        kind,
        area_cm2,
        notes,
    } = crop;
    let (product, state, size, packaging) = kind.keys();
    let row = configuration::ActiveModel {
        storage_location_id: Set(of.0),
        product_id: Set(product),
        product_state_id: Set(state),
        product_size_id: Set(size),
        packaging_id: Set(packaging),
        area_cm2: Set(*area_cm2),
        notes: Set(notes.clone()),
        active: Set(true),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(connection).await?.into())
}

impl From<configuration::Model> for Configuration {
    fn from(row: configuration::Model) -> Self {
        let configuration::Model {
            storage_location_config_id,
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            area_cm2,
            notes,
            active: _,
            created_at,
        } = row;
        let kind = Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id);
        Self {
            id: storage_location_config_id,
            location: LocationId(storage_location_id),
            crop: Crop {
                kind,
                area_cm2,
                notes,
            },
            created_at,
        }
    }
}
