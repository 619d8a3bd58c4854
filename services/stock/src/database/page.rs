//! Pages by key: a page starts after the last key of the one before, so rows
//! that come and go in between are neither skipped nor told twice.

use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect as _, Select};

use super::StoreError;

/// Which page.
#[derive(Clone, Debug)]
pub struct Paging {
    /// At most this many items.
    pub size: u64,
    /// The cursor that the page before ended with.
    pub after: Option<String>,
}

/// Items of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<String>,
}

// === impl Paging ===

impl Paging {
    /// The cursor as the type that the list is ordered by.
    pub(crate) fn after<K: std::str::FromStr>(&self) -> Result<Option<K>, StoreError> {
        self.after
            .as_deref()
            .map(|after| after.parse().map_err(|_not_a_key| StoreError::Cursor))
            .transpose()
    }
}

/// Runs an ordered query that starts after the cursor.
pub(crate) async fn page<E, T>(
    connection: &impl ConnectionTrait,
    query: Select<E>,
    paging: &Paging,
    cursor: impl Fn(&E::Model) -> String,
    convert: impl Fn(E::Model) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError>
where
    E: EntityTrait,
{
    // One more than asked for tells whether there is a next page.
    let mut rows = query.limit(paging.size + 1).all(connection).await?;
    let more = rows.len() as u64 > paging.size;
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(cursor);
    let items = rows.into_iter().map(convert).collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}
