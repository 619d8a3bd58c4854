//! Errors and denials as gRPC and HTTP codes; the only place that names one.

use demeter_grpc::status::{invalid, refusal};
use tonic::{Code, Status};
use tracing::error;

use crate::admission::usecase::Denial;
use crate::error::{Error, Exhausted, Rejected};

const DOMAIN: &str = "auth.demeter";

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let (code, reason) = match &error {
            Error::Invalid { field, problem } => {
                return invalid(DOMAIN, vec![((*field).to_owned(), problem.clone())]);
            }
            Error::WeakPassword(_) => (Code::InvalidArgument, "WEAK_PASSWORD"),
            Error::Unauthenticated(Rejected::Credentials) => {
                (Code::Unauthenticated, "BAD_CREDENTIALS")
            }
            Error::Unauthenticated(Rejected::RefreshToken) => {
                (Code::Unauthenticated, "BAD_REFRESH_TOKEN")
            }
            Error::Unauthenticated(Rejected::NotSignedIn) => {
                (Code::Unauthenticated, "NOT_SIGNED_IN")
            }
            Error::UserDisabled => (Code::PermissionDenied, "USER_DISABLED"),
            Error::NoSuchUser => (Code::NotFound, "NO_SUCH_USER"),
            Error::EmailTaken => (Code::AlreadyExists, "EMAIL_TAKEN"),
            Error::LastAdmin => (Code::FailedPrecondition, "LAST_ADMIN"),
            Error::Exhausted(Exhausted::Attempts) => (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS"),
            Error::Exhausted(Exhausted::Hashing) => (Code::ResourceExhausted, "OVERLOADED"),
            Error::Unavailable(source) => {
                error!(error = source.as_ref(), "the database is unavailable");
                (Code::Unavailable, "UNAVAILABLE")
            }
            Error::Internal(source) => {
                error!(error = source.as_ref(), "a call failed");
                (Code::Internal, "INTERNAL")
            }
        };
        refusal(code, DOMAIN, reason, message)
    }
}

/// How a denial is told outside: the HTTP status, and the same for gRPC.
pub(crate) struct Told {
    pub(crate) http: i32,
    pub(crate) status: Status,
    pub(crate) reason: &'static str,
}

impl From<&Denial> for Told {
    fn from(denial: &Denial) -> Self {
        let (code, reason, message) = match denial {
            Denial::NotSignedIn => (
                Code::Unauthenticated,
                "TOKEN_INVALID",
                "sign in first".to_owned(),
            ),
            Denial::SessionOver => (
                Code::Unauthenticated,
                "SESSION_REVOKED",
                "the session has ended; sign in again".to_owned(),
            ),
            Denial::UserDisabled => (
                Code::PermissionDenied,
                "USER_DISABLED",
                "the user is deactivated".to_owned(),
            ),
            Denial::PermissionMissing(right) => (
                Code::PermissionDenied,
                "PERMISSION_MISSING",
                format!("this needs the permission {right}"),
            ),
            Denial::Internal => (
                Code::PermissionDenied,
                "INTERNAL_ONLY",
                "only other services may call this".to_owned(),
            ),
            Denial::Unknown => (
                Code::PermissionDenied,
                "PERMISSION_MISSING",
                "nobody may call this".to_owned(),
            ),
        };
        let http = if code == Code::Unauthenticated {
            401
        } else {
            403
        };
        Self {
            http,
            status: refusal(code, DOMAIN, reason, message),
            reason,
        }
    }
}
