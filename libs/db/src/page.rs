//! Pages by key: a page starts after the last row of the one before, so rows
//! that come and go in between are neither skipped nor told twice.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, EntityTrait, ModelTrait as _, Order,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Value,
};
use sha2::{Digest as _, Sha256};

use crate::StoreError;

/// Rows of a page whose request does not say how many.
const DEFAULT_SIZE: u64 = 100;

/// Bytes of a page token that bind it to its list.
const SEAL: usize = 8;

/// Between the keys of a cursor that has several; no code or name holds it.
const SEPARATOR: char = '\u{1f}';

/// A list and its filters: a page token of one does not open another.
#[derive(Clone, Debug)]
pub struct Listing(String);

/// Which page of a list.
#[derive(Clone, Debug)]
pub struct Paging {
    size: u64,
    /// The keys of the last row of the page before.
    after: Option<String>,
    listing: Listing,
}

/// Rows of a list, and the way to the next ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// For the request of the next page; empty on the last one.
    pub next_token: String,
}

// === impl Page ===

impl<T> Page<T> {
    /// What an answer says: its items in the answer's words, and the next page's token.
    pub fn told<P>(self, told: impl FnMut(T) -> P) -> (Vec<P>, String) {
        let Self { items, next_token } = self;
        (items.into_iter().map(told).collect(), next_token)
    }
}

// === impl Listing ===

impl Listing {
    /// The list called `name`, which no other list is called, with everything
    /// that narrows it.
    pub fn new(name: &str, filters: &impl std::fmt::Debug) -> Self {
        Self(format!("{name} {filters:?}"))
    }

    /// The page that a request asks for: the first one without a token, and a
    /// hundred rows when it does not say how many.
    ///
    /// [`StoreError::PageToken`] when the token is another list's, or no token.
    pub fn paging(self, page_size: i32, page_token: &str) -> Result<Paging, StoreError> {
        let size = u64::try_from(page_size).ok().filter(|size| *size > 0);
        let after = if page_token.is_empty() {
            None
        } else {
            Some(self.open(page_token).ok_or(StoreError::PageToken)?)
        };
        Ok(Paging {
            size: size.unwrap_or(DEFAULT_SIZE),
            after,
            listing: self,
        })
    }

    fn open(&self, token: &str) -> Option<String> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seal, cursor) = token.split_at_checked(SEAL)?;
        let cursor = std::str::from_utf8(cursor).ok()?;
        (seal == self.seal(cursor)).then(|| cursor.to_owned())
    }

    fn token(&self, cursor: &str) -> String {
        URL_SAFE_NO_PAD.encode([self.seal(cursor).as_slice(), cursor.as_bytes()].concat())
    }

    /// Catches accidents and guesses; what a cursor opens is no secret.
    fn seal(&self, cursor: &str) -> [u8; SEAL] {
        let digest = Sha256::digest(format!("a page\0{}\0{cursor}", self.0));
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&digest[..SEAL]);
        seal
    }
}

// === impl Paging ===

impl Paging {
    /// The page of a query whose rows are told by rising `keys`, which together
    /// tell one row from another.
    pub async fn rising<E, T, F>(
        &self,
        connection: &impl ConnectionTrait,
        query: Select<E>,
        keys: &[E::Column],
        convert: impl Fn(E::Model) -> Result<T, F>,
    ) -> Result<Page<T>, StoreError>
    where
        E: EntityTrait,
        StoreError: From<F>,
    {
        let query = self.from(query, keys, &Order::Asc)?;
        self.run(connection, query, keys, convert).await
    }

    /// As [`rising`](Self::rising), the other way round.
    pub async fn falling<E, T, F>(
        &self,
        connection: &impl ConnectionTrait,
        query: Select<E>,
        keys: &[E::Column],
        convert: impl Fn(E::Model) -> Result<T, F>,
    ) -> Result<Page<T>, StoreError>
    where
        E: EntityTrait,
        StoreError: From<F>,
    {
        let query = self.from(query, keys, &Order::Desc)?;
        self.run(connection, query, keys, convert).await
    }

    /// The query in its order, from behind the cursor on.
    fn from<E: EntityTrait>(
        &self,
        query: Select<E>,
        keys: &[E::Column],
        order: &Order,
    ) -> Result<Select<E>, StoreError> {
        let ordered = keys
            .iter()
            .fold(query, |query, key| query.order_by(*key, order.clone()));
        let Some(cursor) = &self.after else {
            return Ok(ordered);
        };
        let values = values(keys, cursor).ok_or(StoreError::PageToken)?;
        Ok(ordered.filter(behind(keys, &values, order)))
    }

    async fn run<E, T, F>(
        &self,
        connection: &impl ConnectionTrait,
        query: Select<E>,
        keys: &[E::Column],
        convert: impl Fn(E::Model) -> Result<T, F>,
    ) -> Result<Page<T>, StoreError>
    where
        E: EntityTrait,
        StoreError: From<F>,
    {
        // One more than asked for tells whether there is a next page.
        let mut rows = query.limit(self.size + 1).all(connection).await?;
        let more = rows.len() as u64 > self.size;
        if more {
            rows.pop();
        }
        let next_token = match rows.last().filter(|_| more) {
            Some(row) => self.listing.token(&cursor::<E>(keys, row)?),
            None => String::new(),
        };
        let items = rows.into_iter().map(convert).collect::<Result<_, _>>()?;
        Ok(Page { items, next_token })
    }
}

/// `a > x`, or `a = x and b > y`, and so on: what comes after these keys.
fn behind<C: ColumnTrait>(keys: &[C], values: &[Value], order: &Order) -> Condition {
    let mut behind = Condition::any();
    for (place, (key, value)) in keys.iter().zip(values).enumerate() {
        let mut same = Condition::all();
        for (key, value) in keys.iter().zip(values).take(place) {
            same = same.add(key.eq(value.clone()));
        }
        let next = match order {
            Order::Desc => key.lt(value.clone()),
            _ => key.gt(value.clone()),
        };
        behind = behind.add(same.add(next));
    }
    behind
}

fn cursor<E: EntityTrait>(keys: &[E::Column], row: &E::Model) -> Result<String, StoreError> {
    let texts = keys.iter().map(|key| match row.get(*key) {
        Value::String(Some(text)) => Ok(text),
        Value::Int(Some(number)) => Ok(number.to_string()),
        Value::Uuid(Some(id)) => Ok(id.to_string()),
        _ => Err(StoreError::Corrupt("key of a list")),
    });
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    Ok(texts.join(&SEPARATOR.to_string()))
}

fn values<C: ColumnTrait>(keys: &[C], cursor: &str) -> Option<Vec<Value>> {
    let texts: Vec<_> = cursor.splitn(keys.len(), SEPARATOR).collect();
    if texts.len() != keys.len() {
        return None;
    }
    keys.iter()
        .zip(texts)
        .map(|(key, text)| value(key.def().get_column_type(), text))
        .collect()
}

fn value(column: &ColumnType, text: &str) -> Option<Value> {
    match column {
        ColumnType::Uuid => text.parse::<sea_orm::prelude::Uuid>().ok().map(Value::from),
        ColumnType::Integer => text.parse::<i32>().ok().map(Value::from),
        _ => Some(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_opens_its_own_list_only(cursor in "\\PC{0,80}") {
            let (mine, other) = (Listing::new("batches", &1), Listing::new("batches", &2));
            let token = mine.token(&cursor);

            prop_assert_eq!(mine.paging(0, &token).unwrap().after, Some(cursor));
            prop_assert!(matches!(other.paging(0, &token), Err(StoreError::PageToken)));
        }

        #[test]
        fn anything_else_is_refused(text in ".{1,80}") {
            prop_assert!(Listing::new("batches", &1).paging(0, &text).is_err());
        }
    }

    #[test]
    fn a_page_has_as_many_rows_as_asked_for_and_a_hundred_otherwise() {
        let size = |asked| Listing::new("batches", &()).paging(asked, "").unwrap().size;

        assert_eq!((size(7), size(0), size(-1)), (7, 100, 100));
    }
}
