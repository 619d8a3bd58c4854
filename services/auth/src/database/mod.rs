//! The database of this service, on SQLite and PostgreSQL alike: connections,
//! transactions and rows. The queries are with their subjects.

pub(crate) mod entity;

use demeter_db::{Conflict, Fault, classify};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};

use crate::error::Error;

/// The schema on PostgreSQL.
pub(crate) const SCHEMA: &str = "auth";

/// Queries outside a transaction.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
}

/// Queries that take effect together, or, dropped without a commit, not at all.
#[derive(Debug)]
pub struct Tx {
    transaction: DatabaseTransaction,
}

/// Why a query did not do its work. Absence is not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection in time.
    #[error("the database is unavailable")]
    Unavailable(#[source] DbErr),
    /// A row with this key is there already.
    #[error("{constraint} is taken")]
    Taken {
        /// The unique constraint.
        constraint: String,
    },
    /// Another transaction was in the way.
    #[error("another transaction was in the way")]
    Conflict(#[source] DbErr),
    /// The row holds what this version cannot read.
    #[error("a row of {table} is corrupt")]
    Corrupt {
        /// The table.
        table: &'static str,
    },
    /// A statement that should not fail.
    #[error("the database refused a statement")]
    Refused(#[source] DbErr),
}

// === impl Store ===

impl Store {
    /// Takes an open pool.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let transaction = demeter_db::begin(&self.connection).await?;
        Ok(Tx { transaction })
    }

    /// For one query.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }
}

// === impl Tx ===

impl Tx {
    /// For one query of several.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Makes everything take effect.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}

// === impl StoreError ===

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match classify(&error) {
            Fault::Unavailable => Self::Unavailable(error),
            Fault::Unique { constraint } => Self::Taken { constraint },
            Fault::Serialization => Self::Conflict(error),
            _ => Self::Refused(error),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken { constraint } if constraint == "users_email_key" => Self::EmailTaken,
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error.into()),
            StoreError::Taken { .. } | StoreError::Corrupt { .. } | StoreError::Refused(_) => {
                Self::internal(error)
            }
        }
    }
}

/// Nothing is decided between a conflict and its error, so the whole use case
/// may run again.
impl Conflict for Error {
    fn is_conflict(&self) -> bool {
        let Self::Unavailable(source) = self else {
            return false;
        };
        matches!(
            source.downcast_ref::<StoreError>(),
            Some(StoreError::Conflict(_))
        )
    }
}
