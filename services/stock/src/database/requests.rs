//! What each request id was used for.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::StoreError;
use super::entity::request;
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
}

/// What a request did, as far as no row says it for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The line that it added.
    pub movement: MovementId,
    /// Empty pots of the line's batch after it.
    pub empty_containers: i64,
}

/// What was found under a request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Ok(row.map(|row| {
        if row.operation != key.operation || row.content_hash != key.content_hash {
            return Used::Otherwise;
        }
        Used::Same(Answer {
            movement: MovementId(row.movement_id),
            empty_containers: row.quantity_empty_containers,
        })
    }))
}

/// Remembers what a request did.
pub async fn insert(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = request::ActiveModel {
        request_id: Set(key.id.0),
        operation: Set(key.operation.to_owned()),
        content_hash: Set(key.content_hash.clone()),
        movement_id: Set(answer.movement.0),
        quantity_empty_containers: Set(answer.empty_containers),
        created_at: Set(now),
    };
    request::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
