//! What another service's answer means for the work at hand.

use tonic::{Code, Status};

use crate::ports::{CallError, Refusal};

/// Keeps the message: it is shown to people beside the photo.
pub(super) fn call_error(service: &str, status: &Status) -> CallError {
    let message = format!("{service}: {}", status.message());
    match status.code() {
        // UNAUTHENTICATED: the identity has to be renewed, or the clocks differ.
        Code::Unavailable
        | Code::ResourceExhausted
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::Cancelled
        | Code::Unauthenticated => CallError::Busy(message),
        Code::PermissionDenied => CallError::Forbidden(message),
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::OutOfRange => CallError::Refused {
            refusal: refusal(status),
            message,
        },
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
            CallError::Broken(message)
        }
    }
}

fn refusal(status: &Status) -> Refusal {
    match demeter_grpc::status::reason(status).as_deref() {
        Some("NO_CONFIGURATION") => Refusal::NoConfiguration,
        _ => Refusal::Other,
    }
}

/// Whether the answer is that there is no such thing.
pub(super) fn is_not_found(status: &Status) -> bool {
    status.code() == Code::NotFound
}

/// Whether the answer is that the identity is not accepted.
pub(super) fn is_unauthenticated(status: &Status) -> bool {
    status.code() == Code::Unauthenticated
}
