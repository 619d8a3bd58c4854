//! Why a call fails, by what the caller can do next.

use demeter_db::Conflict;
use sea_orm::DbErr;

use crate::database::StoreError;
use crate::pictures::FileRefusal;
use crate::ports::CallError;
use demeter_objects::ObjectError;

/// The causes that callers never see.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why an upload has to wait outside. `Display` tells a person what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyUploads {
    /// Others fill the service.
    #[error("{limit} uploads are under way; send this one again in a few seconds")]
    InAll {
        /// The most that are taken.
        limit: usize,
    },
    /// The same person does.
    #[error(
        "{limit} of your uploads are under way; send this one again when one of them is answered"
    )]
    PerUser {
        /// The most that are taken.
        limit: usize,
    },
}

/// Keys that two uploads with the same request id may both try to take.
const RACES: [&str; 2] = [
    "upload_requests_pkey",
    "upload_requests_user_id_request_id_key",
];

/// Why a call fails. `grpc/status.rs` gives each its code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Send another file.
    #[error(transparent)]
    File(#[from] FileRefusal),
    /// Send it again a little later.
    #[error(transparent)]
    Busy(#[from] TooManyUploads),
    /// Send a body that is what its content type says.
    #[error("the body is not readable: {0}")]
    Body(String),
    /// Send another value.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field's name.
        field: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
    /// Look for something else.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its key.
        id: String,
    },
    /// Ask someone who may.
    #[error("{0}")]
    Forbidden(String),
    /// The session is not where it can do that.
    #[error("a session that is {status} cannot do that")]
    WrongStatus {
        /// How far it is.
        status: &'static str,
    },
    /// Come back when it is counted.
    #[error("the session is not counted yet")]
    NotCounted,
    /// Choose a new request id.
    #[error("this request id was used for another upload")]
    RequestIdReused,
    /// Try again later.
    #[error("the service cannot do that now, try again later")]
    Unavailable(#[source] Source),
    /// Nothing the caller can do.
    #[error("internal error")]
    Internal(#[source] Source),
}

// === impl Error ===

impl Error {
    /// Nothing with this key.
    pub fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    /// A fault of ours.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error.into()),
            StoreError::Taken { ref constraint, .. } if RACES.contains(&constraint.as_str()) => {
                Self::Unavailable(error.into())
            }
            StoreError::PageToken => Self::Invalid {
                field: "page_token",
                problem: error.to_string(),
            },
            StoreError::Taken { .. } | StoreError::Corrupt(_) | StoreError::Database(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl Conflict for Error {
    /// A key that is unavailable because it is taken was taken by another writer
    /// meanwhile: the same work, run again, finds what that one wrote.
    fn is_conflict(&self) -> bool {
        let Self::Unavailable(source) = self else {
            return false;
        };
        matches!(
            source.downcast_ref(),
            Some(StoreError::Conflict(_) | StoreError::Taken { .. })
        )
    }
}

impl From<ObjectError> for Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Store(_) => Self::Unavailable(error.into()),
            ObjectError::NotFound { .. } | ObjectError::Key { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Busy(_) => Self::Unavailable(error.into()),
            CallError::Forbidden(message) => Self::Forbidden(message),
            CallError::Refused { .. } | CallError::Broken(_) => Self::Internal(error.into()),
        }
    }
}
