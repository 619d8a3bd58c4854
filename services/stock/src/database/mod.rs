//! The pool, what each request id was used for, and the numbers of series.

mod entity;
pub mod requests;
pub mod series;

pub use demeter_db::{Page, Paging, StoreError};
pub use requests::RequestKey;

use demeter_db::{Engine, engine};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IsolationLevel,
    PrimaryKeyTrait, TransactionOptions, TransactionTrait as _,
};

/// Rows that one statement reads by key or adds: SQLite takes 32,766 values, and a
/// movement has 25.
pub const ROWS_AT_ONCE: usize = 1_000;

/// The tables of one nursery, in SQLite or PostgreSQL.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
}

/// The pool: what is read through it is read outside every transaction.
pub type Connection = DatabaseConnection;

/// A transaction that writes, and holds its row locks until it is committed or
/// dropped. Dropped without a commit, it is undone.
pub type Tx = DatabaseTransaction;

/// Whether there is a row with this key.
pub async fn exists<E>(connection: &impl ConnectionTrait, key: i32) -> Result<bool, StoreError>
where
    E: EntityTrait,
    <E::PrimaryKey as PrimaryKeyTrait>::ValueType: From<i32>,
{
    Ok(E::find_by_id(key).one(connection).await?.is_some())
}

/// A transaction that reads, and whose queries all see the same moment.
pub async fn snapshot(connection: &Connection) -> Result<Tx, StoreError> {
    let isolation_level = match engine(connection) {
        Engine::Postgres => Some(IsolationLevel::RepeatableRead),
        // Every transaction of SQLite sees one moment.
        Engine::Sqlite => None,
    };
    let options = TransactionOptions {
        isolation_level,
        ..TransactionOptions::default()
    };
    Ok(connection.begin_with_options(options).await?)
}

// === impl Store ===

impl Store {
    /// Over an open pool.
    pub const fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// For queries outside a transaction, and to begin one.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }
}
