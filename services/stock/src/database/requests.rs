//! What each request id was used for.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::{entered, refused, request};
use super::{ROWS_AT_ONCE, StoreError};
use crate::ids::{MovementId, RequestId};

/// A request id and what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Chosen by the client.
    pub id: RequestId,
    /// Which write it is.
    pub operation: &'static str,
    /// Digest of everything else in the request.
    pub content_hash: String,
    /// The client only wants to know what it would do.
    pub dry_run: bool,
}

/// What a request did, as far as no row says it for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it was done.
    pub at: DateTime<Utc>,
    /// The lines that it entered, in its order.
    pub entered: Vec<Entered>,
    /// The items that were refused.
    pub refused: Vec<Refused>,
}

/// A line that a request entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The item that asked for it; 0 in a request of one.
    pub item: i32,
    /// The line.
    pub movement: MovementId,
    /// Empty pots of the line's batch after it.
    pub empty_containers: i64,
}

/// An item of a request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The item.
    pub item: i32,
    /// The field that is wrong; may be empty.
    pub field: String,
    /// Why, for programs.
    pub reason: String,
    /// Why, and what to do.
    pub message: String,
}

/// What was found under a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// The same request: what it did.
    Same(Answer),
    /// Another one.
    Otherwise,
}

/// What a request id was used for, if it was.
pub async fn find(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
) -> Result<Option<Used>, StoreError> {
    let row = request::Entity::find_by_id(key.id.0)
        .one(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.operation != key.operation || row.content_hash != key.content_hash {
        return Ok(Some(Used::Otherwise));
    }
    let entered = entered::Entity::find()
        .filter(entered::Column::RequestId.eq(key.id.0))
        .order_by_asc(entered::Column::Ordinal)
        .all(connection)
        .await?;
    let refused = refused::Entity::find()
        .filter(refused::Column::RequestId.eq(key.id.0))
        .order_by_asc(refused::Column::Item)
        .all(connection)
        .await?;
    Ok(Some(Used::Same(Answer {
        at: row.created_at,
        entered: entered.into_iter().map(Entered::from).collect(),
        refused: refused.into_iter().map(Refused::from).collect(),
    })))
}

/// Remembers what a request did.
pub async fn insert(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
    answer: &Answer,
) -> Result<(), StoreError> {
    let row = request::ActiveModel {
        request_id: Set(key.id.0),
        operation: Set(key.operation.to_owned()),
        content_hash: Set(key.content_hash.clone()),
        created_at: Set(answer.at),
    };
    request::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    let entered: Vec<_> = (0..)
        .zip(&answer.entered)
        .map(|(ordinal, one)| one.row(key.id, ordinal))
        .collect();
    for rows in entered.chunks(ROWS_AT_ONCE) {
        entered::Entity::insert_many(rows.iter().cloned())
            .exec_without_returning(connection)
            .await?;
    }
    let refused: Vec<_> = answer.refused.iter().map(|one| one.row(key.id)).collect();
    for rows in refused.chunks(ROWS_AT_ONCE) {
        refused::Entity::insert_many(rows.iter().cloned())
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

// === impl Entered ===

impl Entered {
    fn row(self, request: RequestId, ordinal: i32) -> entered::ActiveModel {
        let Self {
            item,
            movement,
            empty_containers,
        } = self;
        entered::ActiveModel {
            request_id: Set(request.0),
            ordinal: Set(ordinal),
            item: Set(item),
            movement_id: Set(movement.0),
            quantity_empty_containers: Set(empty_containers),
        }
    }
}

impl From<entered::Model> for Entered {
    fn from(row: entered::Model) -> Self {
        Self {
            item: row.item,
            movement: MovementId(row.movement_id),
            empty_containers: row.quantity_empty_containers,
        }
    }
}

// === impl Refused ===

impl Refused {
    fn row(&self, request: RequestId) -> refused::ActiveModel {
        let Self {
            item,
            field,
            reason,
            message,
        } = self;
        refused::ActiveModel {
            request_id: Set(request.0),
            item: Set(*item),
            field: Set(field.clone()),
            reason: Set(reason.clone()),
            message: Set(message.clone()),
        }
    }
}

impl From<refused::Model> for Refused {
    fn from(row: refused::Model) -> Self {
        let refused::Model {
            request_id: _,
            item,
            field,
            reason,
            message,
        } = row;
        Self {
            item,
            field,
            reason,
            message,
        }
    }
}
