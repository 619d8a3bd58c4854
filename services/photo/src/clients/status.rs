//! What another service's answer means for the work at hand.

use std::future::Future;

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

/// Calls once more when the process that was asked, or the way to it, is gone:
/// another one may be there. Nothing is done twice by it: the calls of this folder
/// only read, or are known to the other side by their session.
pub(super) async fn twice<T, F>(mut call: impl FnMut() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    match call().await {
        Err(status) if status.code() == Code::Unavailable => call().await,
        answer => answer,
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn calls_until(answers: &mut Vec<Result<(), Status>>) -> (Result<(), Status>, usize) {
        let before = answers.len();
        let answer = twice(|| std::future::ready(answers.remove(0))).await;
        (answer, before - answers.len())
    }

    #[tokio::test]
    async fn only_who_is_gone_is_called_again_and_once() {
        let gone = || Err(Status::unavailable("gone"));
        let refused = || Err(Status::not_found("no such place"));

        let (answer, calls) = calls_until(&mut vec![gone(), Ok(())]).await;
        assert_eq!((answer.is_ok(), calls), (true, 2));
        let (answer, calls) = calls_until(&mut vec![gone(), gone(), Ok(())]).await;
        assert_eq!((answer.is_ok(), calls), (false, 2));
        let (answer, calls) = calls_until(&mut vec![refused(), Ok(())]).await;
        assert_eq!((answer.is_ok(), calls), (false, 1));
    }
}
