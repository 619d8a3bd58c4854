//! The database of this service, on SQLite and PostgreSQL alike: the pool and its
//! rows. The queries are with their subjects.

pub(crate) mod entity;

use sea_orm::{DatabaseConnection, DatabaseTransaction};

pub use demeter_db::{Page, Paging, StoreError};

/// The schema on PostgreSQL.
pub(crate) const SCHEMA: &str = "auth";

/// Users, sessions and attempts to sign in, in SQLite or PostgreSQL.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
}

/// A transaction that writes, and holds its row locks until it is committed or
/// dropped. Dropped without a commit, it is undone.
pub type Tx = DatabaseTransaction;

// === impl Store ===

impl Store {
    /// Over an open pool.
    pub const fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// For queries outside a transaction, and to begin one.
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }
}
