//! From our errors to gRPC codes and reasons; the only file that names a code.

use demeter_grpc::status::{invalid, refusal};
use tonic::{Code, Status};

use crate::error::{Error, Exists, Refusal};
use crate::invalid::Invalid;

/// The domain of our reasons.
const DOMAIN: &str = "stock.demeter";

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let (code, reason) = match &error {
            Error::Invalid(faults) => {
                let violations = faults
                    .iter()
                    .map(|fault| (fault.field.clone(), fault.problem.clone()))
                    .collect();
                return invalid(DOMAIN, violations);
            }
            Error::NotFound { .. } => (Code::NotFound, "NOT_FOUND"),
            Error::OutsideAllLocations => (Code::NotFound, "OUTSIDE_ALL_LOCATIONS"),
            Error::Refused(refusal) => (Code::FailedPrecondition, refused(refusal)),
            Error::Exists(exists) => (Code::AlreadyExists, taken(exists)),
            Error::Unavailable(source) => {
                tracing::warn!(error = %chain(source), "stock is not available");
                (Code::Unavailable, "UNAVAILABLE")
            }
            Error::Internal(source) => {
                tracing::error!(error = %chain(source), "stock failed");
                (Code::Internal, "INTERNAL")
            }
        };
        refusal(code, DOMAIN, reason, error.to_string())
    }
}

impl From<Invalid> for Status {
    fn from(fault: Invalid) -> Self {
        Error::from(fault).into()
    }
}

const fn refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotEnoughPlants { .. } => "NOT_ENOUGH_PLANTS",
        Refusal::LocationInactive(_) => "LOCATION_INACTIVE",
        Refusal::NoConfiguration(_) => "NO_CONFIGURATION",
        Refusal::ProductMismatch { .. } => "PRODUCT_MISMATCH",
        Refusal::PackagingMismatch { .. } => "PACKAGING_MISMATCH",
    }
}

const fn taken(exists: &Exists) -> &'static str {
    match exists {
        Exists::CodeTaken => "CODE_TAKEN",
        Exists::NameTaken => "NAME_TAKEN",
        Exists::SkuTaken => "SKU_TAKEN",
        Exists::RequestIdReused => "REQUEST_ID_REUSED",
        Exists::SessionAlreadyPosted => "SESSION_ALREADY_POSTED",
    }
}

/// An error with everything that caused it, for the log.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        told = format!("{told}: {source}");
        cause = source.source();
    }
    told
}
