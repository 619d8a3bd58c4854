//! What callers see of an error.

use demeter_grpc::status::{invalid, refusal};
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tracing::error;

use crate::error::{Error, TooManyUploads};
use crate::pictures::FileRefusal;

/// The domain in every `ErrorInfo` of this service.
const DOMAIN: &str = "photo.demeter";
/// Seconds in which some uploads are over.
const RETRY_AFTER: &str = "5";

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let (code, reason) = match &error {
            Error::File(file) => (file_code(file), file.reason()),
            Error::Busy(refused) => return busy(*refused),
            Error::Body(_) => (Code::InvalidArgument, "MALFORMED_BODY"),
            Error::Invalid { field, problem } => {
                return invalid(DOMAIN, vec![((*field).to_owned(), problem.clone())]);
            }
            Error::NotFound { .. } => (Code::NotFound, "NOT_FOUND"),
            Error::Forbidden(_) => (Code::PermissionDenied, "PERMISSION_DENIED"),
            Error::WrongStatus { .. } => (Code::FailedPrecondition, "WRONG_STATUS"),
            Error::NotCounted => (Code::FailedPrecondition, "NOT_COUNTED"),
            Error::RequestIdReused => (Code::AlreadyExists, "REQUEST_ID_REUSED"),
            Error::Unavailable(_) => (Code::Unavailable, "UNAVAILABLE"),
            Error::Internal(_) => (Code::Internal, "INTERNAL"),
        };
        if let Error::Unavailable(source) | Error::Internal(source) = &error {
            error!(
                error = source.as_ref() as &dyn std::error::Error,
                reason, "failed"
            );
        }
        refusal(code, DOMAIN, reason, error.to_string())
    }
}

/// With the header that tells programs when to come back.
fn busy(refused: TooManyUploads) -> Status {
    let (code, reason) = (Code::ResourceExhausted, "TOO_MANY_UPLOADS");
    let mut status = refusal(code, DOMAIN, reason, refused.to_string());
    let seconds = MetadataValue::from_static(RETRY_AFTER);
    status.metadata_mut().insert("retry-after", seconds);
    status
}

fn file_code(refusal: &FileRefusal) -> Code {
    match refusal {
        FileRefusal::EmptyBody
        | FileRefusal::UnsupportedFormat
        | FileRefusal::UnreadableImage(_) => Code::InvalidArgument,
        FileRefusal::FileTooLarge { .. }
        | FileRefusal::TooManyPixels { .. }
        | FileRefusal::TooLargeToDecode(_)
        | FileRefusal::TooManyFiles { .. } => Code::ResourceExhausted,
    }
}
