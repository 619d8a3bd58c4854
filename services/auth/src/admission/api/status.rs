//! Denials as gRPC and HTTP codes; the only place that names one.

use demeter_grpc::status::refusal;
use tonic::{Code, Status};

use crate::admission::usecase::Denial;
use crate::grpc::DOMAIN;

/// How a denial is told outside: the HTTP status, and the same for gRPC.
pub(super) struct Told {
    pub(super) http: i32,
    pub(super) status: Status,
    pub(super) reason: &'static str,
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

/// To whoever asks in the gateway's place.
pub(crate) fn not_the_gateway() -> Status {
    refusal(
        Code::PermissionDenied,
        DOMAIN,
        "NOT_THE_GATEWAY",
        "only the gateway may ask this",
    )
}

/// To a process that asks for another service's identity.
pub(super) fn not_this_service(client_id: &str) -> Status {
    refusal(
        Code::PermissionDenied,
        DOMAIN,
        "NOT_THIS_SERVICE",
        format!("the caller's certificate does not say {client_id}"),
    )
}
