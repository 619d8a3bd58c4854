//! The codec of every RPC: prost, then the rules of the message's proto.

use std::marker::PhantomData;
use std::sync::LazyLock;

use prost::Message;
use prost_protovalidate::{Error, ValidationError, Validator};
use prost_reflect::ReflectMessage;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::{ProstDecoder, ProstEncoder};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::{text, words};

/// The `ErrorInfo.reason` of a request that breaks a rule of its proto.
pub const INVALID_FIELD: &str = "INVALID_FIELD";

static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);

/// Prost's codec, with one addition: a request that breaks a `buf.validate`
/// rule, or a text of which [hides something](crate::is_hidden), is refused with INVALID_ARGUMENT and one violation per field, which says
/// what the field must be.
#[derive(Debug)]
pub struct ValidatingCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for ValidatingCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for ValidatingCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + ReflectMessage + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ValidatingDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        ValidatingDecoder {
            inner: ProstDecoder::default(),
            // Answers carry no rules; checking them would only cost time.
            has_rules: U::default().descriptor().name().ends_with("Request"),
        }
    }
}

/// Decodes one message and checks its rules.
#[derive(Debug)]
pub struct ValidatingDecoder<U> {
    inner: ProstDecoder<U>,
    has_rules: bool,
}

impl<U: Message + ReflectMessage + Default> Decoder for ValidatingDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let Some(message) = self.inner.decode(buffer)? else {
            return Ok(None);
        };
        if self.has_rules {
            check(&message)?;
        }
        Ok(Some(message))
    }
}

/// Checks the rules of a message, and those of all texts.
pub(crate) fn check(message: &impl ReflectMessage) -> Result<(), Status> {
    let message = message.transcode_to_dynamic();
    let mut violations = match VALIDATOR.validate(&message) {
        Ok(()) => Vec::new(),
        Err(Error::Validation(error)) => violations(&error),
        // A rule that does not compile is our fault, not the caller's.
        Err(_) => return Err(Status::internal("the request's rules cannot be checked")),
    };
    for hidden in text::violations(&message) {
        if violations.iter().all(|other| other.field != hidden.field) {
            violations.push(hidden);
        }
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(refusal(violations))
    }
}

fn refusal(violations: Vec<FieldViolation>) -> Status {
    let message = violations
        .iter()
        .map(|violation| format!("{} {}", violation.field, violation.description))
        .collect::<Vec<_>>()
        .join("; ");
    let mut details = ErrorDetails::with_bad_request(violations);
    details.set_error_info(INVALID_FIELD, "demeter", std::collections::HashMap::new());
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// One per field, whatever number of its rules are broken: the sentence says all
/// of them.
fn violations(error: &ValidationError) -> Vec<FieldViolation> {
    let mut said: Vec<FieldViolation> = Vec::new();
    for violation in error.violations() {
        let path = violation.field_path();
        if said.iter().any(|other| other.field == path) {
            continue;
        }
        let description = match violation.field_descriptor() {
            Some(field) => words::sentence(field, violation.field_value()),
            // A rule of a whole message brings its own.
            None => violation.message().to_owned(),
        };
        said.push(FieldViolation::new(path, description));
    }
    said
}
