//! The one place that gives refusals their gRPC codes and reasons.

use demeter_grpc::status::{invalid, refusal};
use tonic::{Code, Status};
use tracing::error;

use crate::domain::OutOfRange;
use crate::usecase::VisionError;

const DOMAIN: &str = "inference.demeter";

/// A request's parameter that no search can have.
pub(super) fn out_of_range(refused: &OutOfRange) -> Status {
    let OutOfRange { parameter, allowed } = refused;
    let field = format!("parameters.{parameter}");
    invalid(DOMAIN, vec![(field, format!("must be {allowed}"))])
}

/// Why a photo was not counted.
pub(super) fn not_counted(failure: &VisionError) -> Status {
    let (code, reason) = match failure {
        VisionError::Unreadable(_) => (Code::InvalidArgument, "UNREADABLE_IMAGE"),
        VisionError::Overloaded => (Code::ResourceExhausted, "OVERLOADED"),
        VisionError::WarmingUp => (Code::Unavailable, "WARMING_UP"),
        VisionError::Failed(source) => {
            error!(error = source.as_ref(), "the model failed");
            return refusal(Code::Internal, DOMAIN, "INTERNAL", "the model failed");
        }
    };
    refusal(code, DOMAIN, reason, failure.to_string())
}

#[cfg(test)]
mod tests {
    use demeter_grpc::status::reason;
    use tonic::Code;

    use super::{not_counted, out_of_range};
    use crate::domain::Parameters;
    use crate::usecase::VisionError;

    #[test]
    fn every_failure_has_a_code_and_a_reason() {
        let failures = [
            (
                VisionError::Unreadable("cut short".to_owned()),
                Code::InvalidArgument,
                "UNREADABLE_IMAGE",
            ),
            (
                VisionError::Overloaded,
                Code::ResourceExhausted,
                "OVERLOADED",
            ),
            (VisionError::WarmingUp, Code::Unavailable, "WARMING_UP"),
            (
                VisionError::Failed("disk on fire".into()),
                Code::Internal,
                "INTERNAL",
            ),
        ];
        for (failure, code, expected) in failures {
            let status = not_counted(&failure);

            assert_eq!(status.code(), code);
            assert_eq!(reason(&status).as_deref(), Some(expected));
            assert!(
                !status.message().contains("fire"),
                "callers never see the source"
            );
        }
        let refused = Parameters::default().with_tile_size(1).unwrap_err();
        assert_eq!(out_of_range(&refused).code(), Code::InvalidArgument);
    }
}
