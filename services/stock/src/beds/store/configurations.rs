//! What is expected to grow where.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::configuration;
use crate::beds::domain::Configuration;
use crate::catalog::domain::Kind;
use crate::database::{Store, StoreError, Tx};
use crate::ids::{LocationId, PackagingId, ProductId, SizeId, StateId};

// === impl Store ===

impl Store {
    /// The active configuration of a location.
    pub async fn find_configuration(
        &self,
        of: LocationId,
    ) -> Result<Option<Configuration>, StoreError> {
        active(&self.connection, of).await
    }
}

// === impl Tx ===

impl Tx {
    /// The active configuration of a location.
    pub async fn find_configuration(
        &self,
        of: LocationId,
    ) -> Result<Option<Configuration>, StoreError> {
        active(&self.tx, of).await
    }

    /// Keeps the active configuration as history.
    pub async fn retire_configuration(&self, of: LocationId) -> Result<(), StoreError> {
        configuration::Entity::update_many()
            .col_expr(configuration::Column::Active, Expr::value(false))
            .filter(configuration::Column::StorageLocationId.eq(of.0))
            .filter(configuration::Column::Active.eq(true))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Adds the active configuration.
    pub async fn insert_configuration(
        &self,
        of: LocationId,
        kind: Kind,
        (area_cm2, notes): (f64, &str),
        now: DateTime<Utc>,
    ) -> Result<Configuration, StoreError> {
        let Kind {
            product,
            state,
            size,
            packaging,
        } = kind;
        let row = configuration::ActiveModel {
            storage_location_id: Set(of.0),
            product_id: Set(product.0),
            product_state_id: Set(state.0),
            product_size_id: Set(size.map(|size| size.0)),
            packaging_id: Set(packaging.map(|packaging| packaging.0)),
            area_cm2: Set(area_cm2),
            notes: Set(notes.to_owned()),
            active: Set(true),
            created_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }
}

async fn active(
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
        Self {
            id: storage_location_config_id,
            location: LocationId(storage_location_id),
            kind: Kind {
                product: ProductId(product_id),
                state: StateId(product_state_id),
                size: product_size_id.map(SizeId),
                packaging: packaging_id.map(PackagingId),
            },
            area_cm2,
            notes,
            created_at,
        }
    }
}
