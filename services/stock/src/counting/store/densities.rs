//! How densely plants stand.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::sea_query::{Condition, LockType};
use sea_orm::{ConnectionTrait, QuerySelect as _, Set};

use super::entity::density;
use crate::beds::domain::bin::BinCategory;
use crate::counting::domain::density::{Density, Measures, Stand};
use crate::database::{self, Page, Paging, StoreError};
use crate::ids::{DensityId, PackagingId, ProductId};

/// Which densities.
#[derive(Clone, Copy, Debug)]
pub struct DensityFilter {
    /// Only of this product.
    pub product: Option<ProductId>,
    /// Only of this packaging.
    pub packaging: Option<PackagingId>,
}

/// Densities, oldest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: DensityFilter,
    paging: &Paging,
) -> Result<Page<Density>, StoreError> {
    let DensityFilter { product, packaging } = filter;
    let narrowed = Condition::all()
        .add_option(product.map(|of| density::Column::ProductId.eq(of.0)))
        .add_option(packaging.map(|of| density::Column::PackagingId.eq(of.0)));
    let query = density::Entity::find().filter(narrowed);
    let keys = [density::Column::DensityParametersId];
    paging
        .rising(connection, query, &keys, Density::try_from)
        .await
}

/// Whether there is such a density.
pub async fn exists(connection: &impl ConnectionTrait, id: DensityId) -> Result<bool, StoreError> {
    database::exists::<density::Entity>(connection, id.0).await
}

/// Reads a density and keeps its row locked.
pub async fn lock(
    connection: &impl ConnectionTrait,
    id: DensityId,
) -> Result<Option<Density>, StoreError> {
    let row = density::Entity::find_by_id(id.0)
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await?;
    row.map(Density::try_from).transpose()
}

/// Adds a density.
pub async fn insert(
    connection: &impl ConnectionTrait,
    of: Stand,
    measures: &Measures,
    now: DateTime<Utc>,
) -> Result<Density, StoreError> {
    let Stand {
        container,
        product,
        packaging,
    } = of;
    let row = density::ActiveModel {
        container_category: Set(container.map(|category| category.code().to_owned())),
        product_id: Set(product.0),
        packaging_id: Set(packaging.map(|packaging| packaging.0)),
        area_per_plant_cm2: Set(measures.area_per_plant_cm2),
        overlap_factor: Set(measures.overlap),
        diameter_cm: Set(measures.diameter_cm),
        notes: Set(measures.notes.clone()),
        revision: Set(1),
        samples: Set(0),
        stated_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(connection).await?.try_into()
}

/// Replaces what a density says.
pub async fn update(
    connection: &impl ConnectionTrait,
    changed: &Density,
) -> Result<(), StoreError> {
    let Density {
        id,
        of: _,
        measures,
        revision,
        samples,
        stated_at,
        created_at: _,
        updated_at,
    } = changed;
    let row = density::ActiveModel {
        density_parameters_id: Set(id.0),
        area_per_plant_cm2: Set(measures.area_per_plant_cm2),
        overlap_factor: Set(measures.overlap),
        diameter_cm: Set(measures.diameter_cm),
        notes: Set(measures.notes.clone()),
        revision: Set(*revision),
        samples: Set(*samples),
        stated_at: Set(*stated_at),
        updated_at: Set(*updated_at),
        ..Default::default()
    };
    row.update(connection).await?;
    Ok(())
}

impl TryFrom<density::Model> for Density {
    type Error = StoreError;

    fn try_from(row: density::Model) -> Result<Self, StoreError> {
        let density::Model {
            density_parameters_id,
            container_category,
            product_id,
            packaging_id,
            area_per_plant_cm2,
            overlap_factor,
            diameter_cm,
            notes,
            revision,
            samples,
            stated_at,
            created_at,
            updated_at,
        } = row;
        let known = |code: String| {
            BinCategory::from_code(&code).ok_or(StoreError::Corrupt("container of a density"))
        };
        Ok(Self {
            id: DensityId(density_parameters_id),
            of: Stand {
                container: container_category.map(known).transpose()?,
                product: ProductId(product_id),
                packaging: packaging_id.map(PackagingId),
            },
            measures: Measures {
                area_per_plant_cm2,
                overlap: overlap_factor,
                diameter_cm,
                notes,
            },
            revision,
            samples,
            stated_at,
            created_at,
            updated_at,
        })
    }
}
