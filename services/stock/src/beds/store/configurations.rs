//! What is expected to grow where: versions, each with its lines.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, ExprTrait as _, QueryOrder as _, Set};

use super::entity::{configuration, configuration_line};
use crate::beds::domain::bin::BinCategory;
use crate::beds::domain::configuration::{Configuration, Crop, Line, Lines};
use crate::catalog::domain::Kind;
use crate::database::{Page, Paging, StoreError};
use crate::ids::{ConfigurationId, LocationId};

/// Rows in one statement: what both engines take, in columns of the widest row.
const ROWS: usize = 1000;

/// The active configuration of a location.
pub async fn find(
    connection: &impl ConnectionTrait,
    of: LocationId,
) -> Result<Option<Configuration>, StoreError> {
    Ok(active(connection, &[of]).await?.pop())
}

/// The active configurations of these locations, in no order. A location without
/// one is not among them.
pub async fn active(
    connection: &impl ConnectionTrait,
    of: &[LocationId],
) -> Result<Vec<Configuration>, StoreError> {
    let rows = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationId.is_in(of.iter().map(|id| id.0)))
        .filter(configuration::Column::ClosedAt.is_null())
        .all(connection)
        .await?;
    with_lines(connection, rows).await
}

/// One version, active or past.
pub async fn get(
    connection: &impl ConnectionTrait,
    id: ConfigurationId,
) -> Result<Option<Configuration>, StoreError> {
    Ok(all(connection, &[id]).await?.pop())
}

/// These versions, in no order.
pub async fn all(
    connection: &impl ConnectionTrait,
    ids: &[ConfigurationId],
) -> Result<Vec<Configuration>, StoreError> {
    let rows = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationConfigId.is_in(ids.iter().map(|id| id.0)))
        .all(connection)
        .await?;
    with_lines(connection, rows).await
}

/// The configuration of a location that was active at an instant.
pub async fn active_at(
    connection: &impl ConnectionTrait,
    of: LocationId,
    at: DateTime<Utc>,
) -> Result<Option<Configuration>, StoreError> {
    let still_open = configuration::Column::ClosedAt.is_null();
    let row = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationId.eq(of.0))
        .filter(configuration::Column::CreatedAt.lte(at))
        .filter(still_open.or(configuration::Column::ClosedAt.gt(at)))
        .order_by_desc(configuration::Column::StorageLocationConfigId)
        .one(connection)
        .await?;
    let rows = row.into_iter().collect();
    Ok(with_lines(connection, rows).await?.pop())
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
    with_lines(connection, rows).await
}

/// A page of a location's configurations, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: LocationId,
    paging: &Paging,
) -> Result<Page<Configuration>, StoreError> {
    let query =
        configuration::Entity::find().filter(configuration::Column::StorageLocationId.eq(of.0));
    let keys = [configuration::Column::StorageLocationConfigId];
    let page = paging
        .falling(connection, query, &keys, Ok::<_, StoreError>)
        .await?;
    Ok(Page {
        items: with_lines(connection, page.items).await?,
        next_token: page.next_token,
    })
}

/// Closes the active configurations of these locations: they are kept as history.
pub async fn close(
    connection: &impl ConnectionTrait,
    of: &[LocationId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    configuration::Entity::update_many()
        .col_expr(configuration::Column::ClosedAt, Expr::value(now))
        .filter(configuration::Column::StorageLocationId.is_in(of.iter().map(|id| id.0)))
        .filter(configuration::Column::ClosedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}

/// Adds the active configuration of each of these locations, which have none now;
/// returns them in no order.
pub async fn insert(
    connection: &impl ConnectionTrait,
    crops: &[(LocationId, &Crop)],
    now: DateTime<Utc>,
) -> Result<Vec<Configuration>, StoreError> {
    for some in crops.chunks(ROWS) {
        let rows = some
            .iter()
            .map(|(location, crop)| configuration::ActiveModel {
                storage_location_id: Set(location.0),
                area_cm2: Set(crop.area_cm2),
                notes: Set(crop.notes.clone()),
                revision: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
                closed_at: Set(None),
                ..Default::default()
            });
        configuration::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    let of: Vec<LocationId> = crops.iter().map(|(location, _)| *location).collect();
    let ids = configuration::Entity::find()
        .filter(configuration::Column::StorageLocationId.is_in(of.iter().map(|id| id.0)))
        .filter(configuration::Column::ClosedAt.is_null())
        .all(connection)
        .await?;
    let ids: HashMap<i32, i32> = ids
        .into_iter()
        .map(|row| (row.storage_location_id, row.storage_location_config_id))
        .collect();
    let mut lines = Vec::new();
    for (location, crop) in crops {
        let id = ids.get(&location.0).copied();
        let id = id.ok_or(StoreError::Corrupt("new configuration"))?;
        lines.extend(rows_of(ConfigurationId(id), &crop.lines));
    }
    insert_lines(connection, lines).await?;
    active(connection, &of).await
}

/// Replaces what an active configuration says; its revision rises.
pub async fn edit(
    connection: &impl ConnectionTrait,
    edited: &Configuration,
) -> Result<(), StoreError> {
    configuration::Entity::update_many()
        .col_expr(
            configuration::Column::AreaCm2,
            Expr::value(edited.crop.area_cm2),
        )
        .col_expr(
            configuration::Column::Notes,
            Expr::value(edited.crop.notes.clone()),
        )
        .col_expr(
            configuration::Column::Revision,
            Expr::value(edited.revision),
        )
        .col_expr(
            configuration::Column::UpdatedAt,
            Expr::value(edited.updated_at),
        )
        .filter(configuration::Column::StorageLocationConfigId.eq(edited.id.0))
        .exec(connection)
        .await?;
    configuration_line::Entity::delete_many()
        .filter(configuration_line::Column::StorageLocationConfigId.eq(edited.id.0))
        .exec(connection)
        .await?;
    insert_lines(connection, rows_of(edited.id, &edited.crop.lines).collect()).await
}

async fn insert_lines(
    connection: &impl ConnectionTrait,
    rows: Vec<configuration_line::ActiveModel>,
) -> Result<(), StoreError> {
    for some in rows.chunks(ROWS) {
        configuration_line::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

fn rows_of(
    id: ConfigurationId,
    lines: &Lines,
) -> impl Iterator<Item = configuration_line::ActiveModel> {
    (0..).zip(lines.all()).map(move |(ordinal, line)| {
        let (product, state, size, packaging) = line.kind.keys();
        let container = line.container.map(|category| category.code().to_owned());
        configuration_line::ActiveModel {
            storage_location_config_id: Set(id.0),
            ordinal: Set(ordinal),
            container_category: Set(container),
            product_id: Set(product),
            product_state_id: Set(state),
            product_size_id: Set(size),
            packaging_id: Set(packaging),
        }
    })
}

/// The versions of these rows, in their order.
async fn with_lines(
    connection: &impl ConnectionTrait,
    rows: Vec<configuration::Model>,
) -> Result<Vec<Configuration>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.storage_location_config_id);
    let lines = configuration_line::Entity::find()
        .filter(configuration_line::Column::StorageLocationConfigId.is_in(ids))
        .order_by_asc(configuration_line::Column::StorageLocationConfigId)
        .order_by_asc(configuration_line::Column::Ordinal)
        .all(connection)
        .await?;
    let mut of: HashMap<i32, Vec<Line>> = HashMap::new();
    for row in lines {
        let id = row.storage_location_config_id;
        of.entry(id).or_default().push(line(row)?);
    }
    rows.into_iter()
        .map(|row| {
            let lines = of.remove(&row.storage_location_config_id);
            version(row, lines.unwrap_or_default())
        })
        .collect()
}

fn line(row: configuration_line::Model) -> Result<Line, StoreError> {
    let configuration_line::Model {
        storage_location_config_id: _,
        ordinal: _,
        container_category,
        product_id,
        product_state_id,
        product_size_id,
        packaging_id,
    } = row;
    let known = |code: String| {
        BinCategory::from_code(&code).ok_or(StoreError::Corrupt("container of a configuration"))
    };
    Ok(Line {
        container: container_category.map(known).transpose()?,
        kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
    })
}

fn version(row: configuration::Model, lines: Vec<Line>) -> Result<Configuration, StoreError> {
    let configuration::Model {
        storage_location_config_id,
        storage_location_id,
        area_cm2,
        notes,
        revision,
        created_at,
        updated_at,
        closed_at,
    } = row;
    let lines = Lines::new(lines).map_err(|_none_or_twice| StoreError::Corrupt("configuration"))?;
    Ok(Configuration {
        id: ConfigurationId(storage_location_config_id),
        location: LocationId(storage_location_id),
        crop: Crop {
            lines,
            area_cm2,
            notes,
        },
        revision,
        created_at,
        updated_at,
        closed_at,
    })
}
