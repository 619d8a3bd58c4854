//! Operations on many configurations, and what each did.

use sea_orm::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, QueryOrder as _, QuerySelect as _, Select, Set};

use super::entity::{operation, operation_change};
use crate::beds::domain::operation::{Applied, Operation, Undone};
use crate::database::{Page, Paging, StoreError};
use crate::ids::{ConfigurationId, LocationId, OperationId};

/// Rows in one statement.
const ROWS: usize = 1000;

/// An operation and the digest of what it was asked with.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: OperationId,
) -> Result<Option<(Operation, String)>, StoreError> {
    let row = by_id(id).one(connection).await?;
    row.map(|row| {
        let hash = row.content_hash.clone();
        Ok((Operation::try_from(row)?, hash))
    })
    .transpose()
}

/// Reads an operation and keeps its row locked, so that it is undone once.
pub async fn lock(
    connection: &impl ConnectionTrait,
    id: OperationId,
) -> Result<Option<Operation>, StoreError> {
    let row = by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await?;
    row.map(Operation::try_from).transpose()
}

/// Operations, newest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    paging: &Paging,
) -> Result<Page<Operation>, StoreError> {
    let keys = [operation::Column::OperationNumber];
    paging
        .falling(
            connection,
            operation::Entity::find(),
            &keys,
            Operation::try_from,
        )
        .await
}

/// What an operation did, by location.
pub async fn applied(
    connection: &impl ConnectionTrait,
    id: OperationId,
) -> Result<Vec<Applied>, StoreError> {
    let rows = operation_change::Entity::find()
        .filter(operation_change::Column::OperationId.eq(id.0))
        .order_by_asc(operation_change::Column::StorageLocationId)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Applied::from).collect())
}

/// Adds an operation and what it did.
pub async fn insert(
    connection: &impl ConnectionTrait,
    operation: &Operation,
    content_hash: &str,
    applied: &[Applied],
) -> Result<(), StoreError> {
    let row = operation::ActiveModel {
        operation_id: Set(operation.id.0),
        content_hash: Set(content_hash.to_owned()),
        user_id: Set(operation.user.clone()),
        changed_locations: Set(operation.changed_locations),
        created_at: Set(operation.created_at),
        undone_at: Set(None),
        undone_by: Set(None),
        ..Default::default()
    };
    operation::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    for some in applied.chunks(ROWS) {
        let rows = some.iter().map(|change| operation_change::ActiveModel {
            operation_id: Set(operation.id.0),
            storage_location_id: Set(change.location.0),
            previous_config_id: Set(change.previous.map(|id| id.0)),
            config_id: Set(change.made.0),
            undone_config_id: Set(change.undone.map(|id| id.0)),
        });
        operation_change::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Remembers that an operation was undone, and the versions that this made.
pub async fn undone(
    connection: &impl ConnectionTrait,
    id: OperationId,
    undone: &Undone,
    made: &[(LocationId, ConfigurationId)],
) -> Result<(), StoreError> {
    operation::Entity::update_many()
        .col_expr(operation::Column::UndoneAt, Expr::value(undone.at))
        .col_expr(
            operation::Column::UndoneBy,
            Expr::value(undone.user.clone()),
        )
        .filter(operation::Column::OperationId.eq(id.0))
        .exec(connection)
        .await?;
    for (location, configuration) in made {
        operation_change::Entity::update_many()
            .col_expr(
                operation_change::Column::UndoneConfigId,
                Expr::value(configuration.0),
            )
            .filter(operation_change::Column::OperationId.eq(id.0))
            .filter(operation_change::Column::StorageLocationId.eq(location.0))
            .exec(connection)
            .await?;
    }
    Ok(())
}

fn by_id(id: OperationId) -> Select<operation::Entity> {
    operation::Entity::find().filter(operation::Column::OperationId.eq(id.0))
}

impl TryFrom<operation::Model> for Operation {
    type Error = StoreError;

    fn try_from(row: operation::Model) -> Result<Self, StoreError> {
        let operation::Model {
            operation_number: _,
            operation_id,
            content_hash: _,
            user_id,
            changed_locations,
            created_at,
            undone_at,
            undone_by,
        } = row;
        let undone = match (undone_at, undone_by) {
            (None, None) => None,
            (Some(at), Some(user)) => Some(Undone { at, user }),
            _ => return Err(StoreError::Corrupt("operation")),
        };
        Ok(Self {
            id: OperationId(operation_id),
            user: user_id,
            created_at,
            changed_locations,
            undone,
        })
    }
}

impl From<operation_change::Model> for Applied {
    fn from(row: operation_change::Model) -> Self {
        let operation_change::Model {
            operation_id: _,
            storage_location_id,
            previous_config_id,
            config_id,
            undone_config_id,
        } = row;
        Self {
            location: LocationId(storage_location_id),
            previous: previous_config_id.map(ConfigurationId),
            made: ConfigurationId(config_id),
            undone: undone_config_id.map(ConfigurationId),
        }
    }
}
