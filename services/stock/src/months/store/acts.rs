//! What supervisors did to months.

use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use super::entity::act;
use crate::database::{RequestKey, StoreError};
use crate::ids::MonthActId;
use crate::months::domain::act::{Act, Verb};
use crate::months::domain::month::Month;

/// What was found under a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// The same request: what it did.
    Same(Act),
    /// Another one.
    Otherwise,
}

/// What a request did, if it was done.
pub async fn find(
    connection: &impl ConnectionTrait,
    key: &RequestKey,
    verb: Verb,
) -> Result<Option<Used>, StoreError> {
    let row = act::Entity::find_by_id(key.id.0).one(connection).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if row.verb != verb.code() || row.content_hash != key.content_hash {
        return Ok(Some(Used::Otherwise));
    }
    Ok(Some(Used::Same(Act::try_from(row)?)))
}

/// Remembers what a request did, and why.
pub async fn insert(
    connection: &impl ConnectionTrait,
    act: &Act,
    key: &RequestKey,
    reason: &str,
) -> Result<(), StoreError> {
    let Act {
        id,
        month,
        verb,
        beds,
        sold,
        user,
        at,
    } = act;
    let row = act::ActiveModel {
        month_act_id: Set(id.0),
        month: Set(month.key()),
        verb: Set(verb.code().to_owned()),
        content_hash: Set(key.content_hash.clone()),
        beds: Set(*beds),
        sold: Set(*sold),
        reason: Set(reason.to_owned()),
        user_id: Set(user.clone()),
        created_at: Set(*at),
    };
    act::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

impl TryFrom<act::Model> for Act {
    type Error = StoreError;

    fn try_from(row: act::Model) -> Result<Self, StoreError> {
        let act::Model {
            month_act_id,
            month,
            verb,
            content_hash: _,
            beds,
            sold,
            reason: _,
            user_id,
            created_at,
        } = row;
        let corrupt = || StoreError::Corrupt("act of a month");
        Ok(Self {
            id: MonthActId(month_act_id),
            month: Month::from_key(month).ok_or_else(corrupt)?,
            verb: Verb::from_code(&verb).ok_or_else(corrupt)?,
            beds,
            sold,
            user: user_id,
            at: created_at,
        })
    }
}
