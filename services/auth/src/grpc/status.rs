//! Errors as gRPC codes; the only place that names one.

use demeter_grpc::status::{invalid, refusal};
use tonic::{Code, Status};
use tracing::error;

use crate::error::{Error, Exhausted, Rejected};

/// The `ErrorInfo.domain` of this service's refusals.
pub(crate) const DOMAIN: &str = "auth.demeter";

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
            Error::Unauthenticated(Rejected::Session) => (Code::Unauthenticated, "SESSION_REVOKED"),
            Error::NotAllowed(_) => (Code::PermissionDenied, "PERMISSION_MISSING"),
            Error::Unauthenticated(Rejected::NotSignedIn) => {
                (Code::Unauthenticated, "NOT_SIGNED_IN")
            }
            Error::UserDisabled => (Code::PermissionDenied, "USER_DISABLED"),
            Error::NoSuchUser => (Code::NotFound, "NO_SUCH_USER"),
            Error::EmailTaken => (Code::AlreadyExists, "EMAIL_TAKEN"),
            Error::LastAdmin => (Code::FailedPrecondition, "LAST_ADMIN"),
            Error::Exhausted(Exhausted::Attempts { .. }) => {
                (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS")
            }
            Error::Exhausted(Exhausted::Hashing) => (Code::ResourceExhausted, "OVERLOADED"),
            Error::Unavailable(source) => {
                error!(
                    error = source as &dyn std::error::Error,
                    "the database is unavailable"
                );
                (Code::Unavailable, "UNAVAILABLE")
            }
            Error::Internal(source) => {
                error!(error = source.as_ref(), "a call failed");
                (Code::Internal, "INTERNAL")
            }
        };
        let mut status = refusal(code, DOMAIN, reason, message);
        if let Error::Exhausted(Exhausted::Attempts { seconds }) = error {
            // In HTTP the header of this name.
            status.metadata_mut().insert("retry-after", seconds.into());
        }
        status
    }
}
