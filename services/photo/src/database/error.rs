//! What can go wrong with the database, by what the caller can do next.

use demeter_db::{Conflict, Fault, classify};
use sea_orm::DbErr;

/// Why a query failed. That nothing was found is `None`, not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection in time; trying later can help.
    #[error("the photo database does not answer")]
    Unavailable(#[source] DbErr),
    /// A row with this key is there already.
    #[error("{constraint} does not allow it")]
    Taken {
        /// For example `photos_sha256_requested_location_id_key`.
        constraint: String,
        /// As the database said it.
        source: DbErr,
    },
    /// Two transactions could not both be right, again and again.
    #[error("the photo database is in conflict with itself")]
    Conflict(#[source] DbErr),
    /// A row that no version of this service writes.
    #[error("{what} of the photo database is not readable")]
    Corrupt {
        /// Table and column.
        what: &'static str,
    },
    /// Someone else removed or changed the row meanwhile.
    #[error("the row changed meanwhile")]
    Stale,
    /// A fault of ours.
    #[error("the photo database refused")]
    Other(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match classify(&error) {
            Fault::Unavailable => Self::Unavailable(error),
            Fault::Unique { constraint } => Self::Taken {
                constraint,
                source: error,
            },
            Fault::Serialization => Self::Conflict(error),
            Fault::ForeignKey { .. } | Fault::Check { .. } | Fault::Other => Self::Other(error),
        }
    }
}

impl Conflict for StoreError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}
