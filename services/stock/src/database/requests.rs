//! What each request id was used for.

use chrono::{DateTime, Utc};
use sea_orm::Set;
use sea_orm::prelude::*;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entity::request;
use super::{StoreError, Tx};
use crate::ids::RequestId;

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

/// What was found under a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used<A> {
    /// The same request: its answer.
    Same(Box<A>),
    /// Another one.
    Otherwise,
}

// === impl Tx ===

impl Tx {
    /// What a request id was used for, if it was.
    pub async fn find_request<A: DeserializeOwned>(
        &self,
        key: &RequestKey,
    ) -> Result<Option<Used<A>>, StoreError> {
        let Some(row) = request::Entity::find_by_id(key.id.0).one(&self.tx).await? else {
            return Ok(None);
        };
        if row.operation != key.operation || row.content_hash != key.content_hash {
            return Ok(Some(Used::Otherwise));
        }
        let effect: A = serde_json::from_str(&row.result)
            .map_err(|_unreadable| StoreError::Corrupt("request"))?;
        Ok(Some(Used::Same(Box::new(effect))))
    }

    /// Remembers what a request did.
    pub async fn insert_request(
        &self,
        key: &RequestKey,
        effect: &impl Serialize,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let result =
            serde_json::to_string(effect).map_err(|_unreachable| StoreError::Corrupt("request"))?;
        let row = request::ActiveModel {
            request_id: Set(key.id.0),
            operation: Set(key.operation.to_owned()),
            content_hash: Set(key.content_hash.clone()),
            result: Set(result),
            created_at: Set(now),
        };
        request::Entity::insert(row)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
