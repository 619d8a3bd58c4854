//! From our errors to gRPC codes; the only file that names a code.

use demeter_grpc::status::{invalid, refusal};
use tonic::{Code, Status};

use crate::error::{Error, Refusal};
use crate::invalid::Invalid;

/// The domain of our reasons.
const DOMAIN: &str = "stock.demeter";

/// Of many items that were refused so many are told: details travel in headers.
const MOST_ITEMS: usize = 20;

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid(faults) => {
                let violations = faults
                    .iter()
                    .map(|fault| (fault.field.clone(), fault.problem.clone()))
                    .collect();
                return invalid(DOMAIN, violations);
            }
            Error::Items(items) => {
                let told = items.iter().take(MOST_ITEMS);
                let violations = told
                    .map(|item| (item.field.clone(), item.problem.clone()))
                    .collect();
                return invalid(DOMAIN, violations);
            }
            Error::NotFound { .. } | Error::OutsideAllLocations => Code::NotFound,
            // To be read again, and then done again.
            Error::Changed(_) | Error::Refused(Refusal::ProposalOutdated(_)) => Code::Aborted,
            Error::Refused(_) => Code::FailedPrecondition,
            Error::Exists(_) => Code::AlreadyExists,
            Error::Unavailable(source) => {
                tracing::warn!(error = %chain(source), "stock is not available");
                Code::Unavailable
            }
            Error::Internal(source) => {
                tracing::error!(error = %chain(source), "stock failed");
                Code::Internal
            }
        };
        let reason = error.reason();
        refusal(code, DOMAIN, reason, error.to_string())
    }
}

impl From<Invalid> for Status {
    fn from(fault: Invalid) -> Self {
        Error::from(fault).into()
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
