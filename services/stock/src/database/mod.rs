//! SQLite or PostgreSQL.
//!
//! [`Store`] reads; [`Tx`] is a transaction that
//! writes and holds its row locks until it is committed or dropped.

mod entity;
pub mod page;
mod requests;

pub use page::{Page, Paging};
pub use requests::{RequestKey, Used};

use demeter_db::{Conflict, Fault, classify};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

/// Reads, and begins transactions.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) connection: DatabaseConnection,
}

/// A transaction that writes. Dropped without a commit, it is undone.
#[derive(Debug)]
pub struct Tx {
    pub(crate) tx: DatabaseTransaction,
}

/// What a query can end in. Absence is `None`, not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or has no time; later it may.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// Another transaction was in the way; the same work may succeed now.
    #[error("another transaction was in the way")]
    Conflict(#[source] DbErr),
    /// A unique key is in use.
    #[error("the key {constraint} is in use")]
    Taken {
        /// For example `products_sku_key`.
        constraint: String,
    },
    /// A page's cursor is not one of ours.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// A row says what no row of ours says.
    #[error("the stored {0} cannot be read")]
    Corrupt(&'static str),
    /// A fault of ours.
    #[error("the query failed")]
    Database(#[source] DbErr),
}

// === impl StoreError ===

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match classify(&error) {
            Fault::Unavailable => Self::Unavailable(error),
            Fault::Serialization => Self::Conflict(error),
            Fault::Unique { constraint } => Self::Taken { constraint },
            Fault::ForeignKey { .. } | Fault::Check { .. } | Fault::Other => Self::Database(error),
        }
    }
}

impl Conflict for StoreError {
    fn is_conflict(&self) -> bool {
        match self {
            Self::Conflict(_) => true,
            // Someone else wrote the same request, session, batch code or bin at
            // the same time: run again, the work finds it.
            Self::Taken { constraint } => [
                "requests_pkey",
                "requests_request_id_key",
                "photo_counts_pkey",
                "photo_counts_processing_session_id_key",
                "stock_batches_batch_code_key",
                "storage_bins_code_key",
                "storage_location_config_storage_location_id_key",
            ]
            .contains(&constraint.as_str()),
            Self::Unavailable(_) | Self::Cursor | Self::Corrupt(_) | Self::Database(_) => false,
        }
    }
}

// === impl Store ===

impl Store {
    /// Over an open pool.
    pub const fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx {
            tx: demeter_db::begin(&self.connection).await?,
        })
    }
}

// === impl Tx ===

impl Tx {
    /// Makes everything that the transaction wrote true at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}
