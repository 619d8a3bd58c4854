//! Error answers in `google.rpc` form: a code, a message for people, a reason
//! for programs.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// The reason of a request that breaks a field's rule.
pub const INVALID_FIELD: &str = "INVALID_FIELD";

/// A refusal with a stable `reason` in an `ErrorInfo` of `domain`.
pub fn refusal(code: Code, domain: &str, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, domain, HashMap::new());
    Status::with_error_details(code, message, details)
}

/// INVALID_ARGUMENT with one violation per field: (field, what is wrong).
pub fn invalid(domain: &str, violations: Vec<(String, String)>) -> Status {
    let message = violations
        .iter()
        .map(|(field, problem)| format!("{field}: {problem}"))
        .collect::<Vec<_>>()
        .join("; ");
    let violations: Vec<_> = violations
        .into_iter()
        .map(|(field, problem)| FieldViolation::new(field, problem))
        .collect();
    let mut details = ErrorDetails::with_bad_request(violations);
    details.set_error_info(INVALID_FIELD, domain, HashMap::new());
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// The reason in a status, when it has one.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_its_reason() {
        let status = refusal(
            Code::NotFound,
            "stock.demeter",
            "NO_SUCH_BATCH",
            "there is no such batch",
        );

        assert_eq!(reason(&status).as_deref(), Some("NO_SUCH_BATCH"));
    }

    #[test]
    fn invalid_names_every_field() {
        let status = invalid(
            "stock.demeter",
            vec![
                ("a".into(), "is empty".into()),
                ("b".into(), "is old".into()),
            ],
        );

        assert_eq!(status.message(), "a: is empty; b: is old");
        assert_eq!(
            status
                .get_details_bad_request()
                .unwrap()
                .field_violations
                .len(),
            2
        );
    }
}
