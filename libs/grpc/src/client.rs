//! Requests that carry on what the current request brought.

use std::time::Duration;

use opentelemetry::propagation::Injector;
use tonic::Request;
use tonic::metadata::{MetadataKey, MetadataMap, MetadataValue};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::call::{CORRELATION_HEADER, correlation_id};

/// Carries the caller's biscuit.
pub const IDENTITY_HEADER: &str = "x-demeter-identity";

/// A request that acts as `identity` (a biscuit; empty for none), gives up after
/// `timeout`, and carries the correlation id and trace of the current request.
pub fn outgoing<T>(message: T, identity: &str, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    let metadata = request.metadata_mut();
    insert(metadata, IDENTITY_HEADER, identity);
    insert(
        metadata,
        CORRELATION_HEADER,
        &correlation_id().unwrap_or_default(),
    );
    let context = tracing::Span::current().context();
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Metadata(metadata));
    });
    request
}

fn insert(metadata: &mut MetadataMap, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    if let (Ok(name), Ok(value)) = (
        MetadataKey::from_bytes(name.as_bytes()),
        MetadataValue::try_from(value),
    ) {
        metadata.insert(name, value);
    }
}

struct Metadata<'a>(&'a mut MetadataMap);

impl Injector for Metadata<'_> {
    fn set(&mut self, key: &str, value: String) {
        insert(self.0, key, &value);
    }
}
