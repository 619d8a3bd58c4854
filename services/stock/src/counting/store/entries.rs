//! What people entered in count sessions.

use chrono::{DateTime, Utc};
use sea_orm::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder as _, Set};

use super::entity::entry;
use crate::catalog::domain::Kind;
use crate::counting::domain::session::CountEntry;
use crate::database::{Page, Paging, StoreError};
use crate::ids::{CountSessionId, EntryId, LocationId};
use crate::ledger::domain::quantity::Quantity;

/// An entry and the digest of what it was entered with.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: EntryId,
) -> Result<Option<(CountEntry, String)>, StoreError> {
    let row = entry::Entity::find()
        .filter(entry::Column::CountEntryId.eq(id.0))
        .one(connection)
        .await?;
    row.map(|row| {
        let hash = row.content_hash.clone();
        Ok((row.try_into()?, hash))
    })
    .transpose()
}

/// What counts of a session's entries, oldest first.
pub async fn that_count(
    connection: &impl ConnectionTrait,
    of: CountSessionId,
) -> Result<Vec<CountEntry>, StoreError> {
    let rows = entry::Entity::find()
        .filter(entry::Column::CountSessionId.eq(of.0))
        .filter(entry::Column::WithdrawnAt.is_null())
        .order_by_asc(entry::Column::EntryNumber)
        .all(connection)
        .await?;
    rows.into_iter().map(CountEntry::try_from).collect()
}

/// The entries of a session, newest first, withdrawn ones too.
pub async fn list(
    connection: &impl ConnectionTrait,
    of: CountSessionId,
    paging: &Paging,
) -> Result<Page<CountEntry>, StoreError> {
    let query = entry::Entity::find().filter(entry::Column::CountSessionId.eq(of.0));
    let keys = [entry::Column::EntryNumber];
    paging
        .falling(connection, query, &keys, CountEntry::try_from)
        .await
}

/// Adds an entry.
pub async fn insert(
    connection: &impl ConnectionTrait,
    entry: &CountEntry,
    content_hash: &str,
) -> Result<(), StoreError> {
    let CountEntry {
        id,
        session,
        location,
        kind,
        plants,
        notes,
        user,
        counted_at,
        created_at,
        withdrawn_at,
    } = entry;
    let (product, state, size, packaging) = kind.keys();
    let row = entry::ActiveModel {
        count_entry_id: Set(id.0),
        content_hash: Set(content_hash.to_owned()),
        count_session_id: Set(session.0),
        storage_location_id: Set(location.0),
        product_id: Set(product),
        product_state_id: Set(state),
        product_size_id: Set(size),
        packaging_id: Set(packaging),
        plants: Set(plants.get()),
        notes: Set(notes.clone()),
        user_id: Set(user.clone()),
        counted_at: Set(*counted_at),
        created_at: Set(*created_at),
        withdrawn_at: Set(*withdrawn_at),
        ..Default::default()
    };
    entry::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Withdraws an entry: it no longer counts.
pub async fn withdraw(
    connection: &impl ConnectionTrait,
    id: EntryId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    entry::Entity::update_many()
        .col_expr(entry::Column::WithdrawnAt, Expr::value(now))
        .filter(entry::Column::CountEntryId.eq(id.0))
        .exec(connection)
        .await?;
    Ok(())
}

impl TryFrom<entry::Model> for CountEntry {
    type Error = StoreError;

    fn try_from(row: entry::Model) -> Result<Self, StoreError> {
        let entry::Model {
            entry_number: _,
            count_entry_id,
            content_hash: _,
            count_session_id,
            storage_location_id,
            product_id,
            product_state_id,
            product_size_id,
            packaging_id,
            plants,
            notes,
            user_id,
            counted_at,
            created_at,
            withdrawn_at,
        } = row;
        Ok(Self {
            id: EntryId(count_entry_id),
            session: CountSessionId(count_session_id),
            location: LocationId(storage_location_id),
            kind: Kind::from_keys(product_id, product_state_id, product_size_id, packaging_id),
            plants: Quantity::new(plants).ok_or(StoreError::Corrupt("entry of a count"))?,
            notes,
            user: user_id,
            counted_at,
            created_at,
            withdrawn_at,
        })
    }
}
