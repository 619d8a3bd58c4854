//! The answers of a guard that does not let a call in.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::Right;

/// The `ErrorInfo.domain` of every refusal of this crate.
pub const DOMAIN: &str = "demeter";

/// Why a call is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request carries no biscuit.
    Missing,
    /// Not a biscuit of our issuer, or not one biscuit.
    Invalid,
    /// It was one, until a moment ago.
    Expired,
    /// The caller does not hold this right, or, without one, the biscuit was
    /// narrowed to other RPCs.
    PermissionMissing(Option<Right>),
    /// The RPC is for other services.
    InternalOnly,
    /// The proto grants this RPC to nobody.
    Unknown,
    /// The machine is too busy to decide.
    Undecided,
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let (code, reason, message) = match &refusal {
            Refusal::Missing => (
                Code::Unauthenticated,
                "IDENTITY_MISSING",
                "the call carries no identity",
            ),
            Refusal::Invalid => (
                Code::Unauthenticated,
                "IDENTITY_INVALID",
                "the call's identity is not valid",
            ),
            Refusal::Expired => (
                Code::Unauthenticated,
                "IDENTITY_EXPIRED",
                "the call's identity has expired",
            ),
            Refusal::PermissionMissing(_) => (
                Code::PermissionDenied,
                "PERMISSION_MISSING",
                "the caller lacks the permission that this call needs",
            ),
            Refusal::InternalOnly => (
                Code::PermissionDenied,
                "INTERNAL_ONLY",
                "only other services may call this",
            ),
            Refusal::Unknown => (
                Code::PermissionDenied,
                "PERMISSION_MISSING",
                "nobody may call this",
            ),
            Refusal::Undecided => (
                Code::Unavailable,
                "IDENTITY_UNDECIDED",
                "the identity could not be checked in time",
            ),
        };
        let mut metadata = std::collections::HashMap::new();
        if let Refusal::PermissionMissing(right) = refusal {
            let name = right.map_or("", Right::as_str);
            metadata.insert("permission".to_owned(), name.to_owned());
        }
        Status::with_error_details(
            code,
            message,
            ErrorDetails::with_error_info(reason, DOMAIN, metadata),
        )
    }
}
