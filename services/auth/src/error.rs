//! The one error of this service.

use demeter_db::{Conflict, StoreError};
use demeter_identity::Right;
use sea_orm::DbErr;

/// Why something was not done; kinds by what the caller can do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of the request cannot be used.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The password does not meet the policy; says how.
    #[error("{0}")]
    WeakPassword(String),
    /// Whoever calls has not shown who they are.
    #[error(transparent)]
    Unauthenticated(#[from] Rejected),
    /// The caller may not do this any more.
    #[error("this needs the permission {0}")]
    NotAllowed(Right),
    /// The password is right and the user is deactivated.
    #[error("the user is deactivated")]
    UserDisabled,
    /// There is no such user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The address belongs to a user already.
    #[error("the address is in use")]
    EmailTaken,
    /// It would leave nobody who can manage users.
    #[error("the last active administrator cannot be deactivated or lose the role")]
    LastAdmin,
    /// Too much was asked for; later it may work.
    #[error(transparent)]
    Exhausted(#[from] Exhausted),
    /// The database does not answer.
    #[error("the database is unavailable")]
    Unavailable(#[source] StoreError),
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] Source),
}

/// What stands behind an error, for the log only.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What was shown and not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// An unknown address or client, and a wrong password or secret, alike.
    #[error("the credentials are not right")]
    Credentials,
    /// Unknown, used, expired or revoked.
    #[error("the refresh token is not valid; sign in again")]
    RefreshToken,
    /// The session was ended or has run out since the call was let in.
    #[error("the session has ended; sign in again")]
    Session,
    /// A service asked for what only a person has.
    #[error("only a person who signed in can do this")]
    NotSignedIn,
}

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// Failed attempts to sign in with an account, or from an address.
    #[error("too many failed attempts; try again in {seconds} s")]
    Attempts {
        /// Until the next one.
        seconds: i64,
    },
    /// Passwords waiting to be checked.
    #[error("too many people are signing in; try again in a moment")]
    Hashing,
}

// === impl Error ===

impl Error {
    /// A fault of ours.
    pub(crate) fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken { ref constraint, .. } if constraint == "users_email_key" => {
                Self::EmailTaken
            }
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error),
            StoreError::PageToken => Self::Invalid {
                field: "page_token",
                problem: error.to_string(),
            },
            StoreError::Taken { .. } | StoreError::Corrupt(_) | StoreError::Database(_) => {
                Self::internal(error)
            }
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

/// Nothing is decided between a conflict and its error, so the whole use case
/// may run again.
impl Conflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Unavailable(StoreError::Conflict(_)))
    }
}
