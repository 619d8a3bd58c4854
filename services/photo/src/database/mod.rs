//! The photo database. Every function of the subjects' stores is one query or
//! one transaction; what it holds is the truth about how far a photo is.

pub(crate) mod entity;

pub use demeter_db::{Page, Paging, StoreError};

use demeter_db::{Engine, engine};
use sea_orm::{DatabaseConnection, DatabaseTransaction};

use crate::checkpoints::Checkpoints;

/// A transaction that writes. Dropped without a commit, it is undone.
pub type Tx = DatabaseTransaction;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
    checkpoints: Checkpoints,
}

// === impl Store ===

impl Store {
    /// Over an open database that is migrated.
    pub fn new(connection: DatabaseConnection, checkpoints: Checkpoints) -> Self {
        Self {
            connection,
            checkpoints,
        }
    }

    /// For a read, a write of one statement, and to begin a transaction.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(crate) fn engine(&self) -> Engine {
        engine(&self.connection)
    }

    /// Runs a write between its two [checkpoints](Checkpoints).
    pub(crate) async fn durably<T>(&self, write: &'static str, done: impl Future<Output = T>) -> T {
        self.checkpoints.around(write, done).await
    }
}
