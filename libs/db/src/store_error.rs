//! What a query can end in, by what the caller can do next.

use std::convert::Infallible;

use sea_orm::DbErr;

use crate::{Conflict, Fault, classify};

/// Why a query did not do its work. Absence is `None`, not an error.
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
        /// As the database said it.
        source: DbErr,
    },
    /// A row says what no row of ours says.
    #[error("the stored {0} cannot be read")]
    Corrupt(&'static str),
    /// A page token is not one of the list's.
    #[error("the page token is not one of this list with these filters")]
    PageToken,
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
            Fault::Unique { constraint } => Self::Taken {
                constraint,
                source: error,
            },
            Fault::ForeignKey { .. } | Fault::Check { .. } | Fault::Other => Self::Database(error),
        }
    }
}

/// So that a conversion that cannot fail may stand where one that can is asked for.
impl From<Infallible> for StoreError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Conflict for StoreError {
    /// A taken key is no conflict here: only its service knows whether two
    /// writers of one key may both be right.
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}
